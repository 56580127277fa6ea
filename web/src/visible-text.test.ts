import { describe, expect, it } from 'vitest';
import { splitVisible } from '../../src/model/visible-characters.ts';
import { clip, visibleText } from './visible-text.ts';

describe('visible text', () => {
  it('leaves ordinary text, line breaks, tabs, emoji and other scripts as they are', () => {
    const text = 'a\tb\r\nc\n日本語 שלום नि‌ष्ठा 👩‍💻 ❤️ café';
    expect(splitVisible(text.replace('\r', ''))).toEqual([
      { text: text.replace('\r', ''), escaped: false },
    ]);
    expect(splitVisible('a\r\nb')).toEqual([{ text: 'a\r\nb', escaped: false }]);
  });

  it('shows bidirectional controls, so that a name cannot be forged', () => {
    expect(splitVisible('photo\u202egpj.exe\u2069')).toEqual([
      { text: 'photo', escaped: false },
      { text: '\\u{202E}', escaped: true },
      { text: 'gpj.exe', escaped: false },
      { text: '\\u{2069}', escaped: true },
    ]);
  });

  it.each([
    ['a terminal escape', '\x1b[31m', '\\x1b[31m'],
    ['a carriage return that would overwrite the line', 'ok\rno', 'ok\\x0dno'],
    ['a null', '\0', '\\x00'],
    ['a C1 control', '\u009b', '\\x9b'],
    ['a zero-width space', 'pay\u200bpal', 'pay\\u{200B}pal'],
    ['a soft hyphen', '\u00ad', '\\xad'],
    ['an Arabic letter mark', '\u061c', '\\u{61C}'],
    ['a byte order mark', '\ufeff', '\\u{FEFF}'],
    ['a line separator', '\u2028', '\\u{2028}'],
    ['text hidden in tags', '\u{e0041}', '\\u{E0041}'],
    ['half of a surrogate pair', '\ud83d!', '\\u{D83D}!'],
  ])('shows %s', (_, text, expected) => {
    expect(visibleText(text)).toBe(expected);
  });

  it('gives nothing for nothing', () => {
    expect(splitVisible('')).toEqual([]);
  });

  it('cuts long text, but never through a surrogate pair', () => {
    expect(clip('abc😀', 4)).toEqual({ shown: 'abc', hiddenCount: 2 });
    expect(clip('abc😀', 5)).toEqual({ shown: 'abc😀', hiddenCount: 0 });
    expect(visibleText('abcdef', 3)).toBe('abc…');
  });
});

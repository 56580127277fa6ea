import { describe, expect, it } from 'vitest';
import { keysFor, parseTyped } from './query-text.ts';

describe('what is typed into a search bar', () => {
  it.each([
    ['agent=', { key: 'agent', value: '' }],
    [' http.route = /a=b ', { key: 'http.route', value: '/a=b' }],
    ['tool="two words"', { key: 'tool', value: 'two words' }],
    ['two words', { key: undefined, value: 'two words' }],
    ['is a = b', { key: undefined, value: 'is a = b' }],
    ['=x', { key: undefined, value: '=x' }],
  ])('is read: %j', (text, expected) => {
    expect(parseTyped(text)).toEqual(expected);
  });

  it('offers keys by their beginning, then by their label, then by a part', () => {
    const keys = [
      { key: 'agent', label: 'Agent' },
      { key: 'error_type', label: 'Kind of error' },
      { key: 'over', label: 'Longer than' },
      { key: 'tool', label: 'Tool' },
    ];
    const offered = (typed: string) => keysFor(keys, typed).map(({ key }) => key);
    expect(offered('')).toEqual(['agent', 'error_type', 'over', 'tool']);
    expect(offered('t')).toEqual(['tool', 'agent', 'error_type']);
    expect(offered('Long')).toEqual(['over']);
    expect(offered('nothing')).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');

function token(name: string, theme: 'light' | 'dark'): string {
  const match = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(css);
  if (match === null) throw new Error(`tokens.css has no colour --${name}`);
  return match[theme === 'light' ? 1 : 2]!;
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

const TEXT: readonly (readonly [string, readonly string[]])[] = [
  ['ink', ['paper', 'panel', 'sunken', 'signal-soft']],
  ['ink-2', ['paper', 'panel', 'sunken', 'signal-soft']],
  ['ink-3', ['paper', 'panel', 'sunken']],
  ['signal', ['paper', 'panel']],
  ['clear', ['paper', 'panel', 'clear-soft']],
  ['caution', ['paper', 'panel', 'caution-soft']],
  ['stop', ['paper', 'panel', 'stop-soft', 'sunken']],
  ['paper', ['ink']],
];

const SERIES = Array.from({ length: 8 }, (_, at) => `series-${at + 1}`);
const MARKS = [...SERIES, 'agent', 'model', 'tool', 'other', 'clear', 'caution', 'stop', 'signal'];

describe.each(['light', 'dark'] as const)('%s colours', (theme) => {
  it.each(TEXT.flatMap(([text, grounds]) => grounds.map((ground) => [text, ground] as const)))(
    'text in %s can be read on %s',
    (text, ground) => {
      expect(contrast(token(text, theme), token(ground, theme))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(MARKS)('a mark in %s can be seen', (mark) => {
    for (const ground of ['paper', 'panel', 'sunken']) {
      expect(contrast(token(mark, theme), token(ground, theme))).toBeGreaterThanOrEqual(3);
    }
  });
});

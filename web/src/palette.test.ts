import { expect, test } from 'vitest';
import { rank, rate, traceIdIn } from './palette.ts';

const command = (label: string, words?: string) => ({
  id: label,
  label,
  kind: 'Page',
  words,
  run: () => undefined,
});

test('the whole name is better than its beginning, a word of it, a part of it, and its letters', () => {
  const scores = ['costs', 'costs by team', 'all costs', 'xcosts', 'cold oats'].map((text) =>
    rate(text, 'costs'),
  );
  expect(scores).toEqual([100, 80, 60, 40, 0]);
  expect(rate('billing-bot', 'bbt')).toBe(10);
});

test('commands are found by other words for them, after those that are called so', () => {
  const found = rank([command('Traces', 'spans'), command('Spans of tools')], 'span');
  expect(found.map(({ label }) => label)).toEqual(['Spans of tools', 'Traces']);
});

test('letters that are scattered over the other words find nothing', () => {
  expect(rank([command('Settings', 'keys users patterns prices')], 'supp')).toEqual([]);
});

test('without a question everything is offered in its order, up to the most', () => {
  const all = ['b', 'a', 'c'].map((label) => command(label));
  expect(rank(all, '', 2).map(({ label }) => label)).toEqual(['b', 'a']);
});

test('a trace id is one also with dashes, blanks and capitals', () => {
  expect(traceIdIn(' 7F3A91BC-5D2E-4F60-A1B2-C3D4E5F60718 ')).toBe(
    '7f3a91bc5d2e4f60a1b2c3d4e5f60718',
  );
  expect(traceIdIn('7f3a')).toBeUndefined();
});

import { expect, it } from 'vitest';
import { completionAt, rankOffers } from './completion.ts';

/** The cursor is at `|`. */
function at(text: string) {
  const cursor = text.indexOf('|');
  return completionAt(text.replace('|', ''), cursor);
}

it('completes names of metrics and functions outside of braces', () => {
  expect(at('sum(rat|')).toEqual({ kind: 'name', from: 4, word: 'rat' });
  expect(at('up / gen_ai|')).toEqual({ kind: 'name', from: 5, word: 'gen_ai' });
  expect(at('sum(|')).toBeUndefined();
  expect(at('rate(a[5|m])')).toBeUndefined();
  expect(at('label_replace(a, "fo|')).toBeUndefined();
});

it('completes labels in braces and in clauses, of the metric they belong to', () => {
  expect(at('a_total{|}')).toEqual({ kind: 'label', from: 8, word: '', metric: 'a_total' });
  expect(at('a_total{job="x", mo|}')).toEqual({
    kind: 'label',
    from: 17,
    word: 'mo',
    metric: 'a_total',
  });
  expect(at('sum by (job, mo|) (rate(a_total[5m]))')).toEqual({
    kind: 'label',
    from: 13,
    word: 'mo',
    metric: 'a_total',
  });
  expect(at('a_total{job="x"|')).toBeUndefined();
});

it('completes the values of a label within its quotes', () => {
  expect(at('a_total{model=~"cla|"}')).toEqual({
    kind: 'value',
    from: 16,
    word: 'cla',
    metric: 'a_total',
    label: 'model',
  });
});

it('offers what begins with the word before what contains it', () => {
  expect(rankOffers(['irate', 'rate', 'increase', 'Rates'], 'rate', 3)).toEqual([
    'rate',
    'Rates',
    'irate',
  ]);
});

import { array, assert, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { criticalPath, sharesOf } from './critical-path.ts';
import { drawTree } from './test-tree.ts';

const named = (tree: ReturnType<typeof drawTree>) =>
  criticalPath(tree, 0).map(({ index, fromNs, toNs }) => [tree.spanIds[index], fromNs, toNs]);

test('of two parallel children the one that ends last was waited for', () => {
  const tree = drawTree([
    { id: 'root', from: 0, to: 100 },
    { id: 'quick', parent: 'root', from: 10, to: 40 },
    { id: 'slow', parent: 'root', from: 10, to: 80 },
  ]);
  expect(named(tree)).toEqual([
    ['root', 0, 10],
    ['slow', 10, 80],
    ['root', 80, 100],
  ]);
});

test('of an overlap the earlier child has what is before the later one began', () => {
  const tree = drawTree([
    { id: 'root', from: 0, to: 100 },
    { id: 'first', parent: 'root', from: 0, to: 60 },
    { id: 'second', parent: 'root', from: 40, to: 100 },
  ]);
  expect(named(tree)).toEqual([
    ['first', 0, 40],
    ['second', 40, 100],
  ]);
});

test('what goes on after the root ended is not on the path', () => {
  const tree = drawTree([
    { id: 'root', from: 0, to: 50 },
    { id: 'background', parent: 'root', from: 20, to: 500 },
  ]);
  expect(named(tree)).toEqual([
    ['root', 0, 20],
    ['background', 20, 50],
  ]);
});

test('shares add up per span, the longest first', () => {
  const tree = drawTree([
    { id: 'root', from: 0, to: 100 },
    { id: 'a', parent: 'root', from: 10, to: 20 },
    { id: 'b', parent: 'a', from: 12, to: 18 },
  ]);
  expect(sharesOf(criticalPath(tree, 0))).toEqual([
    { index: 0, ns: 90 },
    { index: 2, ns: 6 },
    { index: 1, ns: 4 },
  ]);
});

test('a chain of fifty thousand spans is walked', () => {
  const tree = drawTree(
    Array.from({ length: 50_000 }, (_, at) => ({
      id: `s${at}`,
      ...(at === 0 ? {} : { parent: `s${at - 1}` }),
      from: at,
      to: 200_000 - at,
    })),
  );
  const path = criticalPath(tree, 0);
  expect(path.reduce((sum, { fromNs, toNs }) => sum + toNs - fromNs, 0)).toBe(200_000);
});

test('whatever the spans, the stretches lie end to end over the duration of the root', () => {
  const span = record({
    parent: integer({ min: 0, max: 30 }),
    from: integer({ min: 0, max: 99 }),
    length: integer({ min: 0, max: 99 }),
  });
  assert(
    property(array(span, { maxLength: 30 }), (spans) => {
      const tree = drawTree([
        { id: 's0', from: 0, to: 100 },
        ...spans.map(({ parent, from, length }, at) => ({
          id: `s${at + 1}`,
          parent: `s${Math.min(parent, at)}`,
          from,
          to: from + length,
        })),
      ]);
      let at = 0;
      for (const { fromNs, toNs } of criticalPath(tree, 0)) {
        expect(fromNs).toBe(at);
        expect(toNs).toBeGreaterThan(fromNs);
        at = toNs;
      }
      expect(at).toBe(100);
    }),
  );
});

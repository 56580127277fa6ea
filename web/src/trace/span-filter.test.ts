import { expect, test } from 'vitest';
import { selfTimes } from './self-time.ts';
import { agentsIn, filterSpans, findText, parentsFrom, withAncestors } from './span-filter.ts';
import { drawTree } from './test-tree.ts';

const TREE = drawTree([
  { id: 'root', from: 0, to: 1000, genai: { operation: 'invoke_agent', agent: 'boss' } },
  { id: 'a', parent: 'root', from: 10, to: 400, genai: { operation: 'chat', agent: 'boss' } },
  { id: 'b', parent: 'root', from: 300, to: 600, genai: { tool_name: 'Search' } },
  { id: 'c', parent: 'b', from: 300, to: 350, failed: true, name: 'POST' },
]);
const named = (marks: Uint8Array | undefined) =>
  marks === undefined ? undefined : TREE.spanIds.filter((_, index) => marks[index] === 1);

test('spans are narrowed down by kind, agent and failure', () => {
  expect(named(filterSpans(TREE, {}))).toBeUndefined();
  expect(named(filterSpans(TREE, { only: 'agents' }))).toEqual(['root']);
  expect(named(filterSpans(TREE, { only: 'models' }))).toEqual(['a']);
  expect(named(filterSpans(TREE, { only: 'tools' }))).toEqual(['b']);
  expect(named(filterSpans(TREE, { only: 'errors' }))).toEqual(['c']);
  expect(named(filterSpans(TREE, { agent: 'boss' }))).toEqual(['root', 'a']);
  expect(named(filterSpans(TREE, { agent: 'boss', only: 'models' }))).toEqual(['a']);
  expect(named(filterSpans(TREE, { agent: 'nobody' }))).toEqual([]);
});

test('what fits is shown with all above it', () => {
  expect(named(withAncestors(TREE, filterSpans(TREE, { only: 'errors' })!))).toEqual([
    'root',
    'b',
    'c',
  ]);
});

test('the slowest are those with most time of their own, children that overlap counted once', () => {
  expect([...selfTimes(TREE)]).toEqual([410, 390, 250, 50]);
  const many = drawTree(
    Array.from({ length: 200 }, (_, at) => ({ id: `s${at}`, from: 0, to: at + 1 })),
  );
  const slowest = filterSpans(many, { only: 'slowest' })!;
  expect(many.spanIds.filter((_, index) => slowest[index] === 1)).toEqual(
    Array.from({ length: 50 }, (_, at) => `s${150 + at}`),
  );
});

test('a text is found in names, agents, models, tools and ids, whatever its case', () => {
  expect(named(findText(TREE, '  '))).toBeUndefined();
  expect(named(findText(TREE, 'sEARch'))).toEqual(['b']);
  expect(named(findText(TREE, 'post'))).toEqual(['c']);
  expect(named(findText(TREE, 'boss'))).toEqual(['root', 'a']);
  const hex = drawTree([{ id: '00000000000000ab', name: 'x', from: 0, to: 1 }]);
  expect([...findText(hex, '00000000000000AB')!]).toEqual([1]);
});

test('agents come by how many spans they have; levels are closed from a depth on', () => {
  expect(agentsIn(TREE)).toEqual(['boss']);
  expect([...parentsFrom(TREE, 1)]).toEqual([2]);
  expect([...parentsFrom(TREE, 0)]).toEqual([0, 2]);
});

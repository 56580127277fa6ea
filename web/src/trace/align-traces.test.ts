import { array, assert, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { alignTraces } from './align-traces.ts';
import { drawTree } from './test-tree.ts';
import type { Drawn } from './test-tree.ts';
import type { SpanTree } from '../span-tree.ts';

const agent: Drawn = {
  id: 'root',
  from: 0,
  to: 1000,
  genai: { operation: 'invoke_agent', agent: 'boss' },
};
const chat = (id: string, from: number, model = 'm', parent = 'root'): Drawn => ({
  id,
  parent,
  from,
  to: from + 5,
  genai: { operation: 'chat', request_model: model },
});
const tool = (id: string, from: number, failed = false, parent = 'root'): Drawn => ({
  id,
  parent,
  from,
  to: from + 5,
  failed,
  genai: { operation: 'execute_tool', tool_name: id.split('-')[0]! },
});

function linesOf(a: SpanTree, b: SpanTree): string[] {
  const name = (tree: SpanTree, index: number) => (index < 0 ? '·' : tree.spanIds[index]!);
  return alignTraces(a, b).map(
    (row) =>
      `${'  '.repeat(row.depth)}${name(a, row.a)} = ${name(b, row.b)}${row.difference === undefined ? '' : ` (${row.difference})`}`,
  );
}

test('equal traces are the same steps throughout, whatever their ids and times', () => {
  const one = drawTree([agent, chat('c1', 1), tool('search-1', 10), chat('c2', 20)]);
  const two = drawTree([agent, chat('x1', 5), tool('search-9', 50), chat('x2', 90)]);
  expect(linesOf(one, two)).toEqual([
    'root = root',
    '  c1 = x1',
    '  search-1 = search-9',
    '  c2 = x2',
  ]);
});

test('steps that only one has stand alone with what is below them, and the rest stays aligned', () => {
  const one = drawTree([agent, chat('c1', 1), tool('search-1', 10), chat('c2', 20)]);
  const two = drawTree([
    agent,
    chat('x1', 1),
    tool('refund-1', 10),
    { id: 'http', parent: 'refund-1', from: 11, to: 12 },
    tool('search-2', 20),
    chat('x2', 30),
    chat('x3', 40),
  ]);
  expect(linesOf(one, two)).toEqual([
    'root = root',
    '  c1 = x1',
    '  · = refund-1 (only b)',
    '    · = http (only b)',
    '  search-1 = search-2',
    '  · = x2 (only b)',
    '  c2 = x3',
  ]);
});

test('another outcome and another model are told at the step', () => {
  const one = drawTree([agent, chat('c1', 1, 'small'), tool('search-1', 10, true)]);
  const two = drawTree([agent, chat('x1', 1, 'large'), tool('search-2', 10)]);
  expect(linesOf(one, two)).toEqual([
    'root = root',
    '  c1 = x1 (model)',
    '  search-1 = search-2 (status)',
  ]);
});

test('a wrapper that only one has does not hide the steps within it', () => {
  const one = drawTree([agent, chat('c1', 1), tool('search-1', 10)]);
  const two = drawTree([
    agent,
    { id: 'chain', parent: 'root', from: 0, to: 100 },
    chat('x1', 1, 'm', 'chain'),
    tool('search-2', 10, false, 'chain'),
  ]);
  expect(linesOf(one, two)).toEqual([
    'root = root',
    '  · = chain (only b)',
    '  c1 = x1',
    '  search-1 = search-2',
  ]);
});

test('traces that have nothing in common are shown one after the other', () => {
  const two = drawTree([{ id: 'job', from: 0, to: 1 }]);
  expect(linesOf(drawTree([agent]), two)).toEqual(['root = · (only a)', '· = job (only b)']);
});

test('every span of both stands in exactly one row, in the order of its trace', () => {
  const spans = array(
    record({ parent: integer({ min: 0, max: 20 }), name: integer({ min: 0, max: 3 }) }),
    { maxLength: 20 },
  );
  const drawn = (list: readonly { readonly parent: number; readonly name: number }[]) =>
    drawTree([
      { id: 's0', from: 0, to: 100 },
      ...list.map(({ parent, name }, at) => ({
        id: `s${at + 1}`,
        parent: `s${Math.min(parent, at)}`,
        name: `n${name}`,
        from: at,
        to: at + 1,
      })),
    ]);
  assert(
    property(spans, spans, (listA, listB) => {
      const [a, b] = [drawn(listA), drawn(listB)];
      const rows = alignTraces(a, b);
      const of = (side: 'a' | 'b') => rows.map((row) => row[side]).filter((index) => index >= 0);
      expect(of('a')).toEqual([...a.order]);
      expect(of('b')).toEqual([...b.order]);
    }),
  );
});

test('twenty thousand steps under one agent, and a chain as deep, are aligned without comparing all with all', () => {
  const wide = (gap: number) =>
    drawTree([
      agent,
      ...Array.from({ length: 20_000 }, (_, at) => tool(`t${at % 7}-${at}`, at)).filter(
        (_, at) => at % gap !== 1,
      ),
    ]);
  const rows = alignTraces(wide(50), wide(60));
  expect(rows.filter(({ a, b }) => a >= 0 && b >= 0).length).toBeGreaterThan(15_000);
  const deep = drawTree(
    Array.from({ length: 10_000 }, (_, at) => ({
      id: `s${at}`,
      ...(at === 0 ? {} : { parent: `s${at - 1}` }),
      name: 'step',
      from: at,
      to: 50_000,
    })),
  );
  expect(alignTraces(deep, deep).every(({ difference }) => difference === undefined)).toBe(true);
});

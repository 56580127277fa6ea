import { expect, test } from 'vitest';
import { buildAgentGraph } from './agent-graph.ts';
import { drawTree } from './test-tree.ts';
import type { Drawn } from './test-tree.ts';

const agent = (id: string, from: number, to: number, parent?: string): Drawn => ({
  id,
  ...(parent === undefined ? {} : { parent }),
  from,
  to,
  genai: { operation: 'invoke_agent', agent: id },
});
const tool = (name: string, parent: string, from: number, to: number, failed = false): Drawn => ({
  id: `${name}@${from}`,
  parent,
  from,
  to,
  failed,
  genai: { operation: 'execute_tool', tool_name: name },
});

function edgesOf(drawn: readonly Drawn[]): string[] {
  const { edges } = buildAgentGraph(drawTree(drawn));
  const short = (id: string) => id.split(' ').at(-1);
  return edges
    .map(({ from, to, kind, count }) => `${short(from)} ${kind} ${short(to)} ×${count}`)
    .toSorted();
}

test('fan-out and fan-in: branches that overlap are joined to what is before and after, not to each other', () => {
  expect(
    edgesOf([
      agent('boss', 0, 100),
      tool('plan', 'boss', 1, 10),
      tool('left', 'boss', 11, 40),
      tool('right', 'boss', 12, 60),
      tool('join', 'boss', 61, 80),
    ]),
  ).toEqual([
    'boss calls plan ×1',
    'left then join ×1',
    'plan then left ×1',
    'plan then right ×1',
    'right then join ×1',
  ]);
});

test('a loop is an edge back with how often it was taken', () => {
  expect(
    edgesOf([
      agent('boss', 0, 100),
      tool('think', 'boss', 1, 10),
      tool('act', 'boss', 11, 20),
      tool('think', 'boss', 21, 30),
      tool('act', 'boss', 31, 40),
      tool('think', 'boss', 41, 50),
    ]),
  ).toEqual(['act then think ×2', 'boss calls think ×1', 'think then act ×2']);
});

test('a step that failed and is taken again is a retry; one that succeeded is a repetition', () => {
  expect(
    edgesOf([
      agent('boss', 0, 100),
      tool('fetch', 'boss', 1, 10, true),
      tool('fetch', 'boss', 11, 20, true),
      tool('fetch', 'boss', 21, 30),
      tool('fetch', 'boss', 31, 40),
    ]),
  ).toEqual(['boss calls fetch ×1', 'fetch retry fetch ×2', 'fetch then fetch ×1']);
});

test('sub-agents that run side by side are called side by side, and what wraps them is passed over', () => {
  const drawn: Drawn[] = [
    agent('boss', 0, 100),
    { id: 'http', parent: 'boss', from: 4, to: 50 },
    agent('one', 5, 49, 'http'),
    agent('two', 6, 70, 'boss'),
    tool('search', 'one', 10, 20),
    tool('search', 'two', 10, 20),
  ];
  expect(edgesOf(drawn)).toEqual([
    'boss calls one ×1',
    'boss calls two ×1',
    'one calls search ×1',
    'two calls search ×1',
  ]);
  const { nodes } = buildAgentGraph(drawTree(drawn));
  expect(nodes.map(({ id, count }) => [id, count])).toEqual([
    ['agent boss', 1],
    ['agent one', 1],
    ['agent one / tool search', 1],
    ['agent two', 1],
    ['agent two / tool search', 1],
  ]);
});

test('fan-out to agents and fan-in: each branch is one step after the plan, and the summary follows all of them', () => {
  expect(
    edgesOf([
      agent('boss', 0, 1000),
      tool('plan', 'boss', 1, 10),
      agent('one', 20, 400, 'boss'),
      agent('two', 21, 300, 'boss'),
      agent('three', 22, 500, 'boss'),
      tool('search', 'one', 30, 100),
      tool('search', 'one', 30, 90),
      tool('read', 'one', 110, 200),
      tool('summary', 'boss', 510, 900),
    ]),
  ).toEqual([
    'boss calls plan ×1',
    'one calls search ×2',
    'one then summary ×1',
    'plan then one ×1',
    'plan then three ×1',
    'plan then two ×1',
    'search then read ×2',
    'three then summary ×1',
    'two then summary ×1',
  ]);
});

test('a retry beside another branch stays in its branch', () => {
  expect(
    edgesOf([
      agent('boss', 0, 100),
      tool('left', 'boss', 1, 20, true),
      tool('right', 'boss', 2, 60),
      tool('left', 'boss', 21, 40),
    ]),
  ).toEqual(['boss calls left ×1', 'boss calls right ×1', 'left retry left ×1']);
});

test('a loop over two agents that hand over to each other is two edges, however long it goes on', () => {
  const rounds = Array.from({ length: 20 }, (_, at) => [
    { ...agent('writer', at * 20 + 1, at * 20 + 9, 'boss'), id: `writer-${at}` },
    { ...agent('critic', at * 20 + 10, at * 20 + 19, 'boss'), id: `critic-${at}` },
  ]).flat();
  expect(edgesOf([agent('boss', 0, 500), ...rounds])).toEqual([
    'boss calls writer ×1',
    'critic then writer ×19',
    'writer then critic ×20',
  ]);
});

test('an agent within itself is one node, of which the outer span alone counts what was used', () => {
  const { nodes } = buildAgentGraph(
    drawTree([
      agent('boss', 0, 100),
      { ...agent('boss', 10, 50, 'boss'), id: 'again' },
      tool('search', 'again', 11, 12),
      { ...agent('boss', 200, 300), id: 'later' },
    ]),
  );
  expect(nodes.map(({ id, count, outermost }) => [id, count, outermost])).toEqual([
    ['agent boss', 3, [0, 3]],
    ['agent boss / tool search', 1, [2]],
  ]);
});

test('steps of no duration at one time do not precede themselves', () => {
  expect(edgesOf([agent('boss', 0, 10), tool('a', 'boss', 5, 5)])).toEqual(['boss calls a ×1']);
});

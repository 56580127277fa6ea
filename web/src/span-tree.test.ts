import { describe, expect, it } from 'vitest';
import type { Span } from './span.ts';
import { ancestorsOf, textOf, visiblePositions } from './span-tree.ts';
import type { SpanTree } from './span-tree.ts';
import { treeOf } from './trace/test-tree.ts';

function span(
  id: string,
  parent: string,
  startNs: number,
  endNs: number,
  rest: Partial<Span> = {},
): Span {
  return {
    traceId: 't',
    spanId: id,
    parentSpanId: parent,
    name: id,
    startTimeUnixNano: String(1_795_183_371_000_000_000n + BigInt(startNs)),
    endTimeUnixNano: String(1_795_183_371_000_000_000n + BigInt(endNs)),
    ...rest,
  };
}

/** The rows as they are shown: indented names, with the note of each root. */
function outline(tree: SpanTree, collapsed: ReadonlySet<number> = new Set()): string[] {
  return [...visiblePositions(tree, collapsed)].map((position) => {
    const index = tree.order[position]!;
    const note = tree.notes.get(index);
    return `${'  '.repeat(tree.depth[index]!)}${textOf(tree, 'name', index)}${note === undefined ? '' : ` (${note})`}`;
  });
}

const indexOf = (tree: SpanTree, name: string) =>
  tree.spanIds.findIndex((_, index) => textOf(tree, 'name', index) === name);

describe('the tree of a trace', () => {
  it('puts children below their parents by start time, whatever order they came in', () => {
    const tree = treeOf([
      span('b2', 'b', 50, 60),
      span('c', 'root', 70, 80),
      span('root', '', 0, 100),
      span('b1', 'b', 20, 30),
      span('b', 'root', 10, 60),
    ]);
    expect(outline(tree)).toEqual(['root', '  b', '    b1', '    b2', '  c']);
    expect([...tree.startNs]).toEqual([50, 70, 0, 20, 10]);
    expect([...tree.durationNs]).toEqual([10, 10, 100, 10, 50]);
    expect([...tree.size]).toEqual([1, 1, 5, 1, 3]);
    expect(tree.traceDurationNs).toBe(100);
    expect(tree.traceStartUnixNano).toBe(1_795_183_371_000_000_000n);
  });

  it('shows spans whose parent is missing at the top, with a note', () => {
    const tree = treeOf([
      span('root', '', 0, 100),
      span('lost', 'ffff', 40, 50),
      span('below', 'lost', 41, 42),
    ]);
    expect(outline(tree)).toEqual(['lost (parent missing)', '  below', 'root']);
  });

  it('takes an empty, absent or all-zero parent as none', () => {
    const { parentSpanId: _, ...absent } = span('c', '', 2, 3);
    const tree = treeOf([span('a', '', 0, 1), span('b', '0000000000000000', 1, 2), absent]);
    expect(outline(tree)).toEqual(['a', 'b', 'c']);
  });

  it('cuts a cycle of parents at its earliest span', () => {
    const tree = treeOf([
      span('x', 'y', 30, 40),
      span('y', 'z', 10, 40),
      span('z', 'x', 20, 40),
      span('tail', 'x', 31, 32),
      span('self', 'self', 5, 6),
      span('root', '', 0, 1),
    ]);
    // x's parent is y, y's is z, z's is x: cut at y, the order below it is y → x → z.
    expect(outline(tree)).toEqual([
      'self (parent cycle)',
      'y (parent cycle)',
      '  x',
      '    z',
      '    tail',
      'root',
    ]);
  });

  it('shows spans with the same id all, under the first of them', () => {
    const tree = treeOf([
      span('a', '', 0, 10, { name: 'first' }),
      span('a', '', 1, 10, { name: 'second' }),
      span('b', 'a', 2, 3),
    ]);
    expect(outline(tree)).toEqual(['first', '  b', 'second']);
  });

  it('gives a span that ends before it starts no duration', () => {
    expect([...treeOf([span('a', '', 100, 50)]).durationNs]).toEqual([0]);
  });

  it('bears no spans', () => {
    expect(outline(treeOf([]))).toEqual([]);
  });

  it('leaves out what is below a collapsed span', () => {
    const tree = treeOf([
      span('root', '', 0, 100),
      span('a', 'root', 1, 50),
      span('a1', 'a', 2, 3),
      span('b', 'root', 60, 70),
    ]);
    expect(outline(tree, new Set([indexOf(tree, 'a')]))).toEqual(['root', '  a', '  b']);
    expect(outline(tree, new Set([indexOf(tree, 'root'), indexOf(tree, 'a')]))).toEqual(['root']);
    expect(
      ancestorsOf(tree, indexOf(tree, 'a1')).map((index) => textOf(tree, 'name', index)),
    ).toEqual(['a', 'root']);
  });

  it('holds a chain of 100,000 spans', () => {
    const spans = Array.from({ length: 100_000 }, (_, index) =>
      span(`a${index}`, index === 0 ? '' : `a${index - 1}`, index, 100_000),
    );
    const tree = treeOf(spans.reverse());
    expect([tree.depth[0], tree.size[99_999], tree.order[0]]).toEqual([99_999, 100_000, 99_999]);
  });

  it('holds one cycle of 100,000 spans', () => {
    const spans = Array.from({ length: 100_000 }, (_, index) =>
      span(`a${index}`, `a${(index + 99_999) % 100_000}`, index, 100_000),
    );
    const tree = treeOf(spans);
    expect([...tree.notes]).toEqual([[0, 'parent cycle']]);
    expect(tree.size[0]).toBe(100_000);
  });
});

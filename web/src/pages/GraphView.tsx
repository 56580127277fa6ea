import { Graph, layout } from '@dagrejs/dagre';
import { useMemo } from 'react';
import { formatCount, formatDollars, formatDuration } from '../format.ts';
import { EmptyState } from '../parts/States.tsx';
import { buildAgentGraph } from '../trace/agent-graph.ts';
import type { AgentGraph, EdgeKind, GraphNode } from '../trace/agent-graph.ts';
import { figuresOf } from '../trace/roll-up.ts';
import type { TraceUsage } from '../trace/roll-up.ts';
import { visibleText } from '../visible-text.ts';
import type { TraceViewProps } from './TraceViews.tsx';
import { tokensText } from './waterfall-columns.tsx';
import './GraphView.css';

const NODE = { width: 196, height: 46 };
/** Of a step that called models, for its tokens and cost. */
const USAGE_HEIGHT = 16;
const MARGIN = 18;
const NODES_MAX = 300;

interface Placed {
  readonly node: GraphNode;
  readonly height: number;
  /** Tokens and cost; '' where no model was called. */
  readonly used: string;
  readonly x: number;
  readonly y: number;
}

interface Drawn {
  readonly key: string;
  readonly kind: EdgeKind;
  readonly count: number;
  readonly path: string;
  readonly label: { readonly x: number; readonly y: number };
}

interface Picture {
  /** Lines that lead back may run to the left of the boxes. */
  readonly left: number;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Placed[];
  readonly edges: readonly Drawn[];
}

/** Who did what after what. Equal steps are one box; a number on a line says how often it was gone. */
export function GraphView({ tree, usage, selected, onSelect }: TraceViewProps) {
  const graph = useMemo(() => buildAgentGraph(tree), [tree]);
  const picture = useMemo(
    () => (graph.nodes.length > NODES_MAX ? undefined : draw(graph, usage)),
    [graph, usage],
  );
  if (graph.nodes.length === 0) {
    return (
      <section className="panel">
        <EmptyState title="No agent, model or tool in this trace" />
      </section>
    );
  }
  if (picture === undefined) {
    return (
      <section className="panel">
        <EmptyState title={`${formatCount(graph.nodes.length)} different steps`}>
          <p className="quiet">They are too many to draw; the waterfall shows them all.</p>
        </EmptyState>
      </section>
    );
  }
  return (
    <section className="panel graph-panel" aria-label="Graph of steps">
      <svg
        width={picture.width}
        height={picture.height}
        viewBox={`${picture.left} 0 ${picture.width} ${picture.height}`}
        role="group"
        aria-label="Steps"
      >
        <Arrowheads />
        {picture.edges.map((edge) => (
          <Edge key={edge.key} edge={edge} />
        ))}
        {picture.nodes.map(({ node, x, y, height, used }) => (
          <g
            key={node.id}
            className={`node ${node.hue}`}
            transform={`translate(${x - NODE.width / 2} ${y - height / 2})`}
            role="button"
            tabIndex={0}
            data-selected={node.first === selected}
            onClick={() => onSelect(node.first)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' && event.key !== ' ') return;
              event.preventDefault();
              onSelect(node.first);
            }}
          >
            <StepPicture node={node} height={height} used={used} />
          </g>
        ))}
      </svg>
    </section>
  );
}

function StepPicture({ node, height, used }: Omit<Placed, 'x' | 'y'>) {
  return (
    <>
      {/* The title names it, in full; the texts are its shortened picture. */}
      <title>{describe(node, used)}</title>
      <rect width={NODE.width} height={height} rx={6} />
      <rect className="hue-mark" width={3} height={height - 12} x={7} y={6} rx={1.5} />
      <text x={18} y={19} className="node-label" aria-hidden="true">
        {shortened(visibleText(node.label, 60))}
      </text>
      <text
        x={18}
        y={35}
        className={node.failed > 0 ? 'node-fact failed' : 'node-fact'}
        aria-hidden="true"
      >
        {factOf(node)}
      </text>
      {used !== '' && (
        <text x={18} y={51} className="node-fact" aria-hidden="true">
          {used}
        </text>
      )}
    </>
  );
}

const LABEL_CHARACTERS_MAX = 25;

function shortened(label: string): string {
  return label.length <= LABEL_CHARACTERS_MAX
    ? label
    : `${label.slice(0, LABEL_CHARACTERS_MAX - 1)}…`;
}

function factOf({ count, failed, totalNs }: GraphNode): string {
  const times = count === 1 ? '' : `${formatCount(count)} × · `;
  const wrong = failed === 0 ? '' : ` · ${formatCount(failed)} failed`;
  return `${times}${formatDuration(totalNs)}${wrong}`;
}

function describe(node: GraphNode, used: string): string {
  const parts = [`${node.hue} ${visibleText(node.label, 200)}`, factOf(node), used];
  return parts.filter((part) => part !== '').join(', ');
}

/** What the step used, with all below it. */
function usedBy(node: GraphNode, usage: TraceUsage | undefined): string {
  if (usage === undefined) return '';
  const figures = figuresOf(usage.within, node.outermost);
  const { calls, unpriced, costUsd } = figures;
  if (calls === 0) return '';
  const cost = costUsd === undefined ? '' : formatDollars(costUsd);
  const missing = unpriced === 0 ? '' : costUsd === undefined ? 'unpriced' : '+?';
  return `${tokensText(figures)} · ${cost}${missing}`.replace(/ · $/, '');
}

function Arrowheads() {
  return (
    <defs>
      {(['calls', 'then', 'retry'] as const).map((kind) => (
        <marker
          key={kind}
          id={`arrow-${kind}`}
          className={`arrow ${kind}`}
          viewBox="0 0 8 8"
          refX={7}
          refY={4}
          markerWidth={7}
          markerHeight={7}
          orient="auto"
        >
          <path d="M0 0 L8 4 L0 8 z" />
        </marker>
      ))}
    </defs>
  );
}

function Edge({ edge }: { readonly edge: Drawn }) {
  return (
    <g className={`edge ${edge.kind}`}>
      <path d={edge.path} markerEnd={`url(#arrow-${edge.kind})`} />
      {(edge.count > 1 || edge.kind === 'retry') && (
        <text x={edge.label.x} y={edge.label.y - 4} textAnchor="middle">
          {edge.kind === 'retry' ? 'retry ' : ''}
          {edge.count > 1 ? `×${formatCount(edge.count)}` : ''}
        </text>
      )}
    </g>
  );
}

function draw({ nodes, edges }: AgentGraph, usage: TraceUsage | undefined): Picture {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 44, ranksep: 40, marginx: MARGIN, marginy: 26 });
  graph.setDefaultEdgeLabel(() => ({}));
  const used = new Map(nodes.map((node) => [node.id, usedBy(node, usage)]));
  const heightOf = ({ id }: GraphNode): number =>
    NODE.height + (used.get(id) === '' ? 0 : USAGE_HEIGHT);
  for (const node of nodes) {
    graph.setNode(node.id, { width: NODE.width, height: heightOf(node) });
  }
  // A step that leads to itself is drawn apart: the layout would make room for it on all sides.
  const between = edges.filter(({ from, to }) => from !== to);
  for (const { from, to, kind } of between) graph.setEdge(from, to, {}, kind);
  layout(graph);
  const placed = new Map(
    nodes.map((node) => {
      const { x, y } = graph.node(node.id) as { x: number; y: number };
      return [node.id, { node, x, y, height: heightOf(node), used: used.get(node.id)! }];
    }),
  );
  // There and back run side by side: their counts stand outside of the two.
  const apart = (line: Line, from: string, to: string): Line => {
    if (!between.some((back) => back.from === to && back.to === from)) return line;
    const middle = (placed.get(from)!.x + placed.get(to)!.x) / 2;
    const { x, y } = line.label;
    return { ...line, label: { x: x + (x < middle ? -20 : 20), y } };
  };
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const bends = between.flatMap(({ from, to, kind }) => pointsOf(graph, from, to, kind));
  const left = Math.min(0, ...bends.map(({ x }) => x - MARGIN));
  const right = Math.max(width, ...bends.map(({ x }) => x + MARGIN));
  return {
    left,
    width: right - left,
    height,
    nodes: [...placed.values()],
    edges: edges.map(({ from, to, kind, count }) => ({
      key: JSON.stringify([from, to, kind]),
      kind,
      count,
      ...(from === to ? loopAt(placed.get(from)!) : apart(lineOf(graph, from, to, kind), from, to)),
    })),
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function pointsOf(graph: Graph, from: string, to: string, kind: string): readonly Point[] {
  return (graph.edge(from, to, kind) as { points: readonly Point[] }).points;
}

interface Line {
  readonly path: string;
  readonly label: Point;
}

function lineOf(graph: Graph, from: string, to: string, kind: string): Line {
  const points = pointsOf(graph, from, to, kind);
  const [first, ...rest] = points as [Point, ...Point[]];
  return {
    path: `M${first.x} ${first.y} ${rest.map(({ x, y }) => `L${x} ${y}`).join(' ')}`,
    label: points[Math.floor(points.length / 2)]!,
  };
}

function loopAt({ x, y }: Placed) {
  const right = x + NODE.width / 2;
  return {
    path: `M${right} ${y - 9} C${right + 26} ${y - 14} ${right + 26} ${y + 14} ${right + 1} ${y + 9}`,
    label: { x: right + 34, y: y - 12 },
  };
}

import { formatCompact } from '../format.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { hasFailed, hueOf, textOf } from '../span-tree.ts';
import type { RootNote, SpanTree } from '../span-tree.ts';
import type { PlacedEvent } from '../trace/trace-events.ts';
import type { PlacedLog } from '../trace/trace-logs.ts';
import { EventMarks } from './EventMarks.tsx';
import { LogMarks } from './LogMarks.tsx';
import type { FigureColumn } from './trace-search.ts';
import { FIGURES } from './waterfall-columns.tsx';
import type { FigureSource } from './waterfall-columns.tsx';

const INDENT = 14;
/** Deeper spans stand below each other; their depth is written instead. */
const DEPTH_MAX = 14;

const NOTES: Readonly<Record<RootNote, string>> = {
  'parent missing': 'parent missing',
  'parent cycle': 'parents in a cycle',
};

export function WaterfallRow(props: {
  readonly source: FigureSource;
  readonly columns: readonly FigureColumn[];
  readonly logs: readonly PlacedLog[] | undefined;
  readonly events: readonly PlacedEvent[] | undefined;
  readonly index: number;
  readonly row: number;
  readonly top: number;
  readonly collapsed: boolean;
  readonly selected: boolean;
  readonly current: boolean;
  readonly matched: boolean;
  /** Shown only because something below it fits the filter. */
  readonly around: boolean;
  readonly note: RootNote | undefined;
  readonly onToggle: () => void;
  readonly onOpen: () => void;
  readonly onOpenEvents: () => void;
}) {
  const { index } = props;
  const { tree } = props.source;
  const hasChildren = tree.size[index]! > 1;
  const hue = hasFailed(tree, index) ? 'failed' : hueOf(tree, index);
  return (
    <div
      id={`span-row-${props.row}`}
      role="row"
      className="waterfall-grid span-row"
      style={{ transform: `translateY(${props.top}px)` }}
      aria-rowindex={props.row + 1}
      aria-level={tree.depth[index]! + 1}
      aria-selected={props.selected}
      {...(hasChildren ? { 'aria-expanded': !props.collapsed } : {})}
      data-current={props.current}
      data-matched={props.matched}
      data-around={props.around}
      data-span={tree.spanIds[index]}
      onClick={props.onOpen}
    >
      <Name {...props} hue={hue} hasChildren={hasChildren} />
      <div role="gridcell" className="span-bar">
        <Bar tree={tree} index={index} hue={hue} />
        <EventMarks
          events={props.events}
          startNs={tree.startNs[index]!}
          traceDurationNs={tree.traceDurationNs}
          onOpen={props.onOpenEvents}
        />
        <LogMarks logs={props.logs} durationNs={tree.traceDurationNs} />
      </div>
      {props.columns.map((column) => (
        <div key={column} role="gridcell" className={`num figure ${column}`}>
          {FIGURES[column].cell(props.source, index)}
        </div>
      ))}
    </div>
  );
}

function Name(props: {
  readonly source: FigureSource;
  readonly index: number;
  readonly hue: string;
  readonly hasChildren: boolean;
  readonly collapsed: boolean;
  readonly note: RootNote | undefined;
  readonly onToggle: () => void;
}) {
  const { index, hue, note } = props;
  const { tree } = props.source;
  const depth = tree.depth[index]!;
  const name = textOf(tree, 'name', index);
  return (
    <div
      role="gridcell"
      className="span-name"
      style={{ paddingLeft: 8 + Math.min(depth, DEPTH_MAX) * INDENT }}
    >
      <Fold {...props} />
      <i className={`hue ${hue}`} />
      <span className="cut">
        {depth > DEPTH_MAX && <span className="faint num">{depth} </span>}
        <Foreign text={name === '' ? '(no name)' : name} charactersMax={160} />
        {props.collapsed && <span className="faint"> +{formatCompact(tree.size[index]! - 1)}</span>}
        {hue === 'failed' && <span className="visually-hidden"> failed</span>}
      </span>
      {note !== undefined && <span className="tag caution">{NOTES[note]}</span>}
    </div>
  );
}

function Fold(props: {
  readonly hasChildren: boolean;
  readonly collapsed: boolean;
  readonly onToggle: () => void;
}) {
  if (!props.hasChildren) return <span className="fold" />;
  return (
    <button
      type="button"
      className="fold"
      tabIndex={-1}
      aria-label={props.collapsed ? 'Expand' : 'Collapse'}
      onClick={(event) => {
        event.stopPropagation();
        props.onToggle();
      }}
    >
      {props.collapsed ? '▸' : '▾'}
    </button>
  );
}

function Bar(props: { readonly tree: SpanTree; readonly index: number; readonly hue: string }) {
  const { tree, index } = props;
  const whole = Math.max(1, tree.traceDurationNs);
  const left = (tree.startNs[index]! / whole) * 100;
  const width = (tree.durationNs[index]! / whole) * 100;
  return <u className={props.hue} style={{ left: `${left}%`, width: `${width}%` }} />;
}

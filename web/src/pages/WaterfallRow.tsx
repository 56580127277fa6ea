import { formatCompact, formatDuration } from '../format.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { isFailed } from '../span.ts';
import type { Span } from '../span.ts';
import type { RootNote, SpanTree } from '../span-tree.ts';

const INDENT = 14;
/** Deeper spans stand below each other; their depth is written instead. */
const DEPTH_MAX = 14;

const NOTES: Readonly<Record<RootNote, string>> = {
  'parent missing': 'parent missing',
  'parent cycle': 'parents in a cycle',
};

export function WaterfallRow(props: {
  readonly tree: SpanTree;
  readonly index: number;
  readonly row: number;
  readonly top: number;
  readonly collapsed: boolean;
  readonly selected: boolean;
  readonly current: boolean;
  readonly matched: boolean;
  readonly note: RootNote | undefined;
  readonly onToggle: () => void;
  readonly onOpen: () => void;
}) {
  const { tree, index } = props;
  const span = tree.spans[index]!;
  const depth = tree.depth[index]!;
  const hasChildren = tree.size[index]! > 1;
  const failed = isFailed(span);
  return (
    <div
      id={`span-row-${props.row}`}
      role="row"
      className="waterfall-grid span-row"
      style={{ transform: `translateY(${props.top}px)` }}
      aria-rowindex={props.row + 1}
      aria-level={depth + 1}
      aria-selected={props.selected}
      {...(hasChildren ? { 'aria-expanded': !props.collapsed } : {})}
      data-current={props.current}
      data-matched={props.matched}
      data-span={span.spanId}
      onClick={props.onOpen}
    >
      <div
        role="gridcell"
        className="span-name"
        style={{ paddingLeft: 8 + Math.min(depth, DEPTH_MAX) * INDENT }}
      >
        <Fold {...props} hasChildren={hasChildren} />
        <i className={`hue ${failed ? 'failed' : tree.hues[index]}`} />
        <span className="cut">
          {depth > DEPTH_MAX && <span className="faint num">{depth} </span>}
          <Foreign text={span.name === '' ? '(no name)' : span.name} charactersMax={160} />
          {props.collapsed && (
            <span className="faint"> +{formatCompact(tree.size[index]! - 1)}</span>
          )}
          {failed && <span className="visually-hidden"> failed</span>}
        </span>
        {props.note !== undefined && <span className="tag caution">{NOTES[props.note]}</span>}
      </div>
      <div role="gridcell" className="span-bar">
        <Bar tree={tree} index={index} hue={failed ? 'failed' : tree.hues[index]!} />
      </div>
      <div role="gridcell" className="num">
        {formatDuration(tree.durationNs[index])}
      </div>
      <div role="gridcell" className="num tokens quiet">
        {tokensOf(span)}
      </div>
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

function tokensOf(span: Span): string {
  const view = span.genai;
  const input = view?.input_tokens;
  const output = view?.output_tokens;
  if (typeof input !== 'number' && typeof output !== 'number') return '';
  return `${formatCompact(input)} → ${formatCompact(output)}`;
}

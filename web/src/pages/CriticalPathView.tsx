import { useMemo } from 'react';
import { formatDuration } from '../format.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { hueOf, textOf } from '../span-tree.ts';
import { criticalPath, sharesOf } from '../trace/critical-path.ts';
import type { TraceViewProps } from './TraceViews.tsx';

const ROWS_MAX = 100;

/** What the end of the trace waited for, the longest first. */
export function CriticalPathView(props: TraceViewProps & { readonly root: number }) {
  const { tree, root, selected, onSelect } = props;
  const shares = useMemo(() => sharesOf(criticalPath(tree, root)), [tree, root]);
  const whole = tree.durationNs[root]!;
  return (
    <section className="panel path-panel" aria-label="Critical path">
      <p className="path-lead quiet">
        The {formatDuration(whole)} of{' '}
        <Foreign text={textOf(tree, 'name', root)} charactersMax={80} /> went by in these spans,
        each without what ran inside it. Making one shorter makes the whole shorter.
      </p>
      <table className="table">
        <thead>
          <tr>
            <th>Span</th>
            <th className="num">Held up</th>
            <th className="num">Of the whole</th>
            <th className="num wide">Its duration</th>
          </tr>
        </thead>
        <tbody>
          {shares.slice(0, ROWS_MAX).map(({ index, ns }) => (
            <tr key={index} data-current={index === selected}>
              <td className="clip">
                <div className="name">
                  <i className={`hue ${hueOf(tree, index)}`} />
                  <button type="button" className="link cut" onClick={() => onSelect(index)}>
                    <Foreign text={textOf(tree, 'name', index)} charactersMax={120} />
                  </button>
                </div>
              </td>
              <td className="num">{formatDuration(ns)}</td>
              <td className="num">{whole === 0 ? '—' : `${((ns / whole) * 100).toFixed(1)} %`}</td>
              <td className="num wide quiet">{formatDuration(tree.durationNs[index])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

import { formatPlural } from '../format.ts';
import { LEVEL_TONES } from '../log-line.ts';
import { marksOf } from '../trace/trace-logs.ts';
import type { PlacedLog } from '../trace/trace-logs.ts';

/** Log records as marks at their time, in the colour of the gravest. */
export function LogMarks(props: {
  readonly logs: readonly PlacedLog[] | undefined;
  readonly durationNs: number;
}) {
  if (props.logs === undefined) return null;
  return marksOf(props.logs, props.durationNs).map(({ at, level, count }) => (
    <i
      key={at}
      className={`log-mark ${LEVEL_TONES[level]}`}
      style={{ left: `${at * 100}%` }}
      title={`${formatPlural(count, 'log record')}${level === 'unset' ? '' : `, ${level}`}`}
    />
  ));
}

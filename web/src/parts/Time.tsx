import { formatAgo, formatTime, formatUtc } from '../format.ts';
import { useNow } from './use-now.ts';

/** A time in the viewer's zone, or how long ago it was; the other one and UTC on hover. */
export function Time({
  ms,
  ago = false,
}: {
  readonly ms: number | undefined;
  readonly ago?: boolean;
}) {
  const now = useNow();
  if (ms === undefined || Math.abs(ms) > 8.64e15) return <span className="faint">—</span>;
  const [shown, other] = ago
    ? [formatAgo(ms, now), formatTime(ms, now)]
    : [formatTime(ms, now), formatAgo(ms, now)];
  return (
    <time dateTime={new Date(ms).toISOString()} title={`${formatUtc(ms)} · ${other}`}>
      {shown}
    </time>
  );
}

import { formatDuration, formatUtc } from '../format.ts';
import { useNow } from './use-now.ts';

/** How much time is left until then. */
export function TimeLeft({ until }: { readonly until: number | undefined }) {
  const now = useNow();
  if (until === undefined) return null;
  const ms = until - now;
  return (
    <time dateTime={new Date(until).toISOString()} title={formatUtc(until)}>
      {ms <= 0 ? 'over' : `${leftWords(Math.ceil(ms / 1000))} left`}
    </time>
  );
}

/** Below a minute in whole seconds, since it is counted down. */
const leftWords = (seconds: number): string =>
  seconds < 60 ? `${seconds}\u00a0s` : formatDuration(seconds * 1e9);

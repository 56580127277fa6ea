import { formatDollars } from '../format.ts';

/** An amount in US dollars; what has no known price is said to be unpriced. */
export function Money({
  usd,
  unpriced = 0,
}: {
  readonly usd: number | null | undefined;
  /** Calls that are not in the amount because their price is not known. */
  readonly unpriced?: number;
}) {
  if (usd === null || usd === undefined) return <span className="faint">unpriced</span>;
  if (unpriced === 0) return formatDollars(usd);
  return (
    <span title={`${unpriced} calls have no known price and are not in it`}>
      {formatDollars(usd)}
      <span className="faint">+?</span>
    </span>
  );
}

import { formatShare } from '../format.ts';
import './Meter.css';

/** How much of something is used up; 0 to 1 and beyond, null when that cannot be told. */
export function Meter({ share, label }: { readonly share: number | null; readonly label: string }) {
  if (share === null) return <span className="faint">—</span>;
  const aspect = share >= 1 ? 'stop' : share >= 0.8 ? 'caution' : '';
  return (
    <span
      className={`meter ${aspect}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.min(100, Math.round(share * 100))}
      title={formatShare(share)}
    >
      <i style={{ width: `${Math.min(100, share * 100)}%` }} />
    </span>
  );
}

import { Link } from '@tanstack/react-router';
import type { QualitySummary } from '../../client/quality.ts';
import { formatCount } from '../../format.ts';

/** How often a check failed, of how many; each leads to those results. */
export function FoundLately(props: {
  readonly check: QualitySummary['checks'][number] | undefined;
}) {
  const { check } = props;
  if (check === undefined) return <span className="faint">no result</span>;
  const { name, passed, failed } = check;
  return (
    <>
      <Link
        to="/quality"
        search={{ name, ...(failed === 0 ? { outcome: 'all' as const } : {}) }}
        className={failed > 0 ? 'link stop-text' : 'link'}
      >
        {formatCount(failed)} failed
      </Link>{' '}
      <span className="faint">of {formatCount(passed + failed)}</span>
    </>
  );
}

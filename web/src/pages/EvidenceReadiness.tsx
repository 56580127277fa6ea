import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { readinessQuery } from '../client/evidence.ts';
import type { EvidenceReadiness as Readiness } from '../client/evidence.ts';
import { CopyButton } from '../parts/CopyButton.tsx';
import { Figure, Figures } from '../parts/Figures.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { ErrorState } from '../parts/States.tsx';
import '../parts/filters.css';
import { DEFAULT_DAYS } from './evidence-search.ts';

const route = getRouteApi('/shell/evidence');

const PERIODS: readonly (readonly [days: number, words: string])[] = [
  [30, '30 days'],
  [90, '90 days'],
  [180, 'six months'],
  [365, 'a year'],
  [1_095, 'three years'],
];

/** Whether the records would stand a review, check by check. */
export function EvidenceReadiness() {
  const { days = DEFAULT_DAYS } = route.useSearch();
  const navigate = route.useNavigate();
  const readiness = useQuery(readinessQuery(days));
  const known = PERIODS.some(([each]) => each === days);
  return (
    <>
      <div className="toolbar filters">
        <label className="check" htmlFor="evidence-days">
          Records must reach back
        </label>
        <select
          id="evidence-days"
          className="input range"
          value={days}
          onChange={(event) => {
            const next = Number(event.target.value);
            void navigate({ search: next === DEFAULT_DAYS ? {} : { days: next }, replace: true });
          }}
        >
          {!known && <option value={days}>{days} days</option>}
          {PERIODS.map(([each, words]) => (
            <option key={each} value={each}>
              {words}
            </option>
          ))}
        </select>
      </div>
      {readiness.isError && (
        <section className="panel">
          <ErrorState
            error={readiness.error}
            what="The readiness cannot be told"
            onRetry={() => void readiness.refetch()}
          />
        </section>
      )}
      {!readiness.isError && <Verdict readiness={readiness.data} />}
      <Checks checks={readiness.data?.checks} />
      {readiness.data !== undefined && <PublicKey publicKey={readiness.data.public_key} />}
    </>
  );
}

function Verdict({ readiness }: { readonly readiness: Readiness | undefined }) {
  if (readiness === undefined) {
    return (
      <Figures label="Readiness">
        <Figure label="The records" value="—">
          being read and verified …
        </Figure>
        <Figure label="Score" value="—">
          with the weights of audit-readiness
        </Figure>
        <Figure label="To mend" value="—">
          of the checks
        </Figure>
      </Figures>
    );
  }
  const { ready, score, checks } = readiness;
  const failed = checks.filter(({ ok }) => ok === false).length;
  return (
    <Figures label="Readiness">
      <Figure label="The records" value={ready ? 'Ready' : 'Not ready'}>
        ready are 80 of 100 with nothing broken
      </Figure>
      <Figure label="Score" value={`${score} of 100`}>
        with the weights of audit-readiness
      </Figure>
      <Figure label="To mend" value={String(failed)}>
        of {checks.length} checks
      </Figure>
    </Figures>
  );
}

const MENDED_AT: Readonly<Record<string, '/discovery' | '/settings/$section' | undefined>> = {
  oversight: '/discovery',
};

function Checks({ checks }: { readonly checks: Readiness['checks'] | undefined }) {
  return (
    <section className="panel" aria-label="Checks" aria-busy={checks === undefined}>
      <ol className="checks">
        {checks?.map(({ id, title, ok, finding, rests_on: restsOn, remedy }) => (
          <li key={id}>
            <span
              className={`dot ${ok === null ? '' : ok ? 'clear' : 'stop'}`}
              aria-hidden="true"
            />
            <div>
              <h2>
                {title}
                <span className="visually-hidden">
                  {ok === null ? ', a remark' : ok ? ', in order' : ', to mend'}
                </span>
              </h2>
              <p className="check-finding">
                <Foreign text={finding} charactersMax={600} />
              </p>
              {remedy !== '' && (
                <p className="quiet">
                  {MENDED_AT[id] === '/discovery' && ok === false ? (
                    <Link className="link" to="/discovery">
                      Review them in the discovery queue
                    </Link>
                  ) : (
                    remedy
                  )}
                </p>
              )}
              <p className="faint">Rests on: {restsOn}</p>
            </div>
          </li>
        )) ?? Array.from({ length: 5 }, (_, at) => <li key={at} className="bones" />)}
      </ol>
    </section>
  );
}

function PublicKey({ publicKey }: { readonly publicKey: string }) {
  return (
    <section className="panel public-key" aria-label="Public key">
      <h2>The key that signs</h2>
      <p className="quiet">
        Give it to whoever checks packages, by another way than the packages. This page looks at
        records alone; it is no statement of conformity.
      </p>
      <div className="key-line">
        <span className="mono digest">{publicKey}</span>
        <CopyButton text={publicKey} className="small" />
      </div>
    </section>
  );
}

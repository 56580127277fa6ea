import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { anomaliesQuery } from '../client/anomalies.ts';
import { approvalsQuery, gatewayQuery } from '../client/approvals.ts';
import type { Approval } from '../client/approvals.ts';
import { registryStatsQuery } from '../client/connect.ts';
import { budgetsQuery, unpricedQuery } from '../client/costs.ts';
import { formatCount, formatDollars, formatPlural, parseTimeMs } from '../format.ts';
import { Foreign } from '../parts/Foreign.tsx';
import { EmptyState } from '../parts/States.tsx';
import { TimeLeft } from '../parts/TimeLeft.tsx';
import { useMay } from '../parts/use-may.ts';
import { KIND_WORDS } from './Anomalies.tsx';
import { decidableOf } from './decidable.ts';
import { DecideDialog } from './DecideDialog.tsx';
import { useDenyNow } from './use-deny-now.ts';
import { DecideButtons, Wish } from './WaitingCall.tsx';
import './Approvals.css';

interface Matter {
  readonly key: string;
  readonly aspect: 'caution' | 'stop' | '';
  readonly what: ReactNode;
  readonly act: ReactNode;
}

/** Whatever a person has to decide or look at, the most pressing first. */
export function WaitingForYou() {
  const [approving, setApproving] = useState<Approval>();
  const matters = [
    ...useApprovalMatters(setApproving),
    ...useAnomalyMatters(),
    ...useBudgetMatters(),
    ...useReviewMatters(),
    ...usePriceMatters(),
  ];
  return (
    <section className="panel waiting-for-you" aria-label="Waiting for you">
      <header>
        <h2>Waiting for you</h2>
        <span className="faint num">{matters.length > 0 && formatCount(matters.length)}</span>
      </header>
      {matters.length === 0 ? (
        <EmptyState title="Nothing waits for a decision">
          <p className="quiet">New agents, spent budgets and unpriced models stand here.</p>
        </EmptyState>
      ) : (
        <ul className="waiting-list">
          {matters.map(({ key, aspect, what, act }) => (
            <li key={key}>
              <span className={`dot ${aspect}`} aria-hidden="true" />
              <span className="what">{what}</span>
              {act}
            </li>
          ))}
        </ul>
      )}
      {approving !== undefined && (
        <DecideDialog
          decision="approve"
          approvals={[approving]}
          onClose={() => setApproving(undefined)}
        />
      )}
    </section>
  );
}

/** Of calls so many stand here; the rest is a page of its own. */
const CALLS_SHOWN = 3;

/** The calls that wait, each with the buttons that end its waiting. */
function useApprovalMatters(onApprove: (approval: Approval) => void): Matter[] {
  const running = (useQuery(gatewayQuery).data?.approvals_pending ?? 0) > 0;
  const pending = useQuery({ ...approvalsQuery('pending'), enabled: running }).data;
  const mayDecide = useMay('governance:write');
  const deny = useDenyNow();
  if (!running || pending === undefined) return [];
  const decidable = decidableOf(pending);
  const shown = decidable.rows.slice(0, CALLS_SHOWN);
  const left = decidable.total - shown.length;
  const calls = shown.map((approval): Matter => ({
    key: approval.id,
    aspect: 'caution',
    what: (
      <span className="waiting-call">
        <span>
          <Wish approval={approval} />
        </span>{' '}
        <span className="faint">
          <TimeLeft until={parseTimeMs(approval.expires_at)} />
        </span>
      </span>
    ),
    act: mayDecide ? (
      <DecideButtons onDeny={() => deny.mutate(approval)} onApprove={() => onApprove(approval)} />
    ) : (
      <Link to="/approvals" className="button small">
        Look
      </Link>
    ),
  }));
  if (left <= 0) return calls;
  return [
    ...calls,
    {
      key: 'approvals',
      aspect: 'caution',
      what: `${formatPlural(left, 'more tool call')} waiting for your decision`,
      act: (
        <Link to="/approvals" className="button small">
          Decide
        </Link>
      ),
    },
  ];
}

const ANOMALIES_SHOWN = 4;

function useAnomalyMatters(): Matter[] {
  const open = useQuery(anomaliesQuery({})).data?.data ?? [];
  return open.slice(0, ANOMALIES_SHOWN).map((anomaly) => ({
    key: anomaly.id,
    aspect: 'stop',
    what: (
      <>
        <b>{KIND_WORDS[anomaly.kind]}</b> <Foreign text={anomaly.agent} charactersMax={60} />{' '}
        <span className="faint">
          <Foreign text={anomaly.evidence.summary} charactersMax={120} />
        </span>
      </>
    ),
    act: (
      <Link to="/anomalies" className="button small">
        Look
      </Link>
    ),
  }));
}

function useReviewMatters(): Matter[] {
  const counts = useQuery(registryStatsQuery).data?.by_status;
  const waiting = counts === undefined ? 0 : counts.UNREVIEWED + counts.PENDING_REVIEW;
  if (waiting === 0) return [];
  return [
    {
      key: 'review',
      aspect: 'caution',
      what: `${formatPlural(waiting, 'agent')} nobody decided about yet`,
      act: (
        <Link to="/discovery" className="button small">
          Review
        </Link>
      ),
    },
  ];
}

function useBudgetMatters(): Matter[] {
  const budgets = useQuery(budgetsQuery).data ?? [];
  return budgets
    .filter(({ spent_percent: percent }) => percent !== null && percent >= 80)
    .map((budget) => ({
      key: budget.id,
      aspect: budget.exhausted ? ('stop' as const) : ('caution' as const),
      what: (
        <>
          {budget.exhausted ? 'Spent: the budget of ' : 'Nearly spent: the budget of '}
          {budget.scope === 'project' ? (
            'everything'
          ) : (
            <Foreign text={budget.subject} charactersMax={60} />
          )}
          <span className="faint">
            {' '}
            {formatDollars(budget.spent_usd)} of {formatDollars(budget.amount_usd)}
          </span>
        </>
      ),
      act: (
        <Link to="/costs" className="button small">
          Look
        </Link>
      ),
    }));
}

function usePriceMatters(): Matter[] {
  const unpriced = useQuery(unpricedQuery).data ?? [];
  if (unpriced.length === 0) return [];
  const calls = unpriced.reduce((sum, model) => sum + model.calls, 0);
  return [
    {
      key: 'unpriced',
      aspect: '',
      what: (
        <>
          {formatPlural(unpriced.length, 'model')} without a price
          <span className="faint"> {formatPlural(calls, 'call')} in no sum</span>
        </>
      ),
      act: (
        <Link to="/costs" className="button small">
          Set prices
        </Link>
      ),
    },
  ];
}

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { agentChecksQuery } from '../client/agent-insight.ts';
import type { AgentCheck } from '../client/agent-insight.ts';
import { formatShare } from '../format.ts';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { useMay } from '../parts/use-may.ts';
import { AgentCheckDialog } from './AgentCheckDialog.tsx';

const CHECKS: readonly Column<AgentCheck>[] = [
  {
    id: 'check',
    head: 'Check',
    className: 'mono',
    cell: ({ check_id: id, summary }) => <span title={summary}>{id}</span>,
  },
  {
    id: 'on',
    head: 'Made',
    cell: ({ enabled }) => (enabled ? 'yes' : <span className="faint">no</span>),
  },
  {
    id: 'severity',
    head: 'Severity',
    className: 'wide quiet',
    cell: ({ severity }) => severity.toLowerCase(),
  },
  {
    id: 'why',
    head: 'Why',
    className: 'wide quiet quality-message check-why',
    cell: ({ reason, confidence, enabled, origin }) =>
      // The same for all that are not made: a line of words, and the whole of it to point at.
      !enabled && origin === 'default' ? (
        <span className="faint" title={reason}>
          nothing asks for it
        </span>
      ) : (
        <>
          <Foreign text={reason} charactersMax={200} />
          {confidence !== null && <span className="faint"> ({formatShare(confidence)} sure)</span>}
        </>
      ),
  },
];

/** Which checks are made on its runs, and why; those that are made first. */
export function AgentChecksPanel({ agentId }: { readonly agentId: string }) {
  const checks = useQuery(agentChecksQuery(agentId));
  const [changing, setChanging] = useState<AgentCheck>();
  const mayChange = useMay('governance:write');
  const columns = mayChange ? [...CHECKS, changeColumn(setChanging)] : CHECKS;
  return (
    <section className="panel" aria-label="Checks">
      <header>
        <h2>Checks on its runs</h2>
      </header>
      <DataTable
        what="The checks"
        columns={columns}
        rows={checks.data?.checks.toSorted((a, b) => Number(b.enabled) - Number(a.enabled))}
        rowKey={({ check_id: id }) => id}
        error={checks.error}
        empty={null}
      />
      {changing !== undefined && (
        <AgentCheckDialog
          agentId={agentId}
          check={changing}
          overrides={checks.data?.overrides ?? []}
          onClose={() => setChanging(undefined)}
        />
      )}
    </section>
  );
}

const changeColumn = (onChange: (check: AgentCheck) => void): Column<AgentCheck> => ({
  id: 'change',
  head: <span className="visually-hidden">Change</span>,
  className: 'num row-actions',
  cell: (check) => (
    <button
      type="button"
      className="button small plain"
      aria-label={`Change ${check.check_id}`}
      onClick={() => onChange(check)}
    >
      Change
    </button>
  ),
});

import type { ReactNode } from 'react';
import { ApiError } from '../client/http.ts';

/** What a list says when there is nothing in it: what belongs here, and how it gets here. */
export function EmptyState({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className="state">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

const REMEDIES: Readonly<Record<string, string>> = {
  FORBIDDEN: 'Ask an administrator for the scope, or sign in as someone who has it.',
  RATE_LIMITED: 'Wait a moment, then try again.',
  STORAGE_UNAVAILABLE:
    'The server is up but its store does not answer. Look at its log, then try again.',
};

/** What happened, what it means, what to do. */
export function ErrorState({
  error,
  what,
  onRetry,
}: {
  readonly error: unknown;
  /** What could not be done: "Agents cannot be listed". */
  readonly what: string;
  readonly onRetry?: (() => void) | undefined;
}) {
  const known = error instanceof ApiError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className="state" role="alert">
      <h2>{what}</h2>
      <p className="quiet">{message}</p>
      {known !== undefined && REMEDIES[known.code] !== undefined && (
        <p className="quiet">{REMEDIES[known.code]}</p>
      )}
      <div className="state-actions">
        {onRetry !== undefined && (
          <button type="button" className="button" onClick={onRetry}>
            Try again
          </button>
        )}
        {known !== undefined && <span className="faint mono">{known.code}</span>}
      </div>
    </div>
  );
}

/** Rows of the height that the list will have, so that nothing jumps when it comes. */
export function SkeletonRows({
  rows,
  columns,
}: {
  readonly rows: number;
  readonly columns: number;
}) {
  return Array.from({ length: rows }, (_, row) => (
    <tr key={row} className="skeleton" aria-hidden="true">
      {Array.from({ length: columns }, (__, column) => (
        <td key={column} className={column > 2 ? 'wide' : ''}>
          <span className={`bone w${(row * 3 + column * 5) % 4}`} />
        </td>
      ))}
    </tr>
  ));
}

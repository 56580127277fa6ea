import { Link } from '@tanstack/react-router';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { ErrorState } from './States.tsx';

export function NotFound() {
  return (
    <main className="page lone">
      <div className="state">
        <h1>There is no such page</h1>
        <p className="quiet">The address may be mistyped, or the page has moved.</p>
        <Link className="button" to="/discovery">
          Go to the discovery queue
        </Link>
      </div>
    </main>
  );
}

export function PageError({ error, reset }: ErrorComponentProps) {
  return (
    <div className="page lone">
      <ErrorState error={error} what="This page cannot be shown" onRetry={reset} />
    </div>
  );
}

export function PagePending() {
  return (
    <div className="page lone">
      <p className="faint" role="status">
        Loading…
      </p>
    </div>
  );
}

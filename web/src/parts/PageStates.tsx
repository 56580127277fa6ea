import { Link } from '@tanstack/react-router';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Page } from './Page.tsx';
import { ErrorState } from './States.tsx';

export function NotFound() {
  return (
    <Page title="There is no such page">
      <section className="panel">
        <div className="state">
          <p className="quiet">The address may be mistyped, or the page has moved.</p>
          <Link className="button" to="/discovery">
            Go to the discovery queue
          </Link>
        </div>
      </section>
    </Page>
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

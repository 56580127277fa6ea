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
          <Link className="button" to="/">
            Go to the overview
          </Link>
        </div>
      </section>
    </Page>
  );
}

/** As browsers and the bundler say that a part of a page did not come. */
const PART_MISSING = /dynamically imported module|preload CSS|importing a module/i;

export function PageError({ error, reset }: ErrorComponentProps) {
  if (error instanceof Error && PART_MISSING.test(error.message)) {
    // The browser remembers the failure of a module: only a new load asks again.
    return (
      <div className="page lone">
        <ErrorState
          error="The server does not answer, or it is of another version than this page. Check that it runs, then load the page anew."
          what="This page cannot be shown"
          onRetry={() => location.reload()}
        />
      </div>
    );
  }
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

import { redirect } from '@tanstack/react-router';
import type { QueryClient } from '@tanstack/react-query';
import type { ViewPage } from '../../src/model/saved-view.ts';
import { viewsQuery } from './client/views.ts';
import { parseSearch } from './search-values.ts';

/** What a person's view cannot be waited for longer than. */
const PATIENCE_MS = 1_500;

/**
 * Who comes to a list without asking for anything opens the view of their choice. Where the views cannot be read the
 * list opens as it is.
 */
export async function openDefaultView(
  page: ViewPage,
  given: {
    readonly cause: string;
    readonly search: object;
    readonly context: { readonly queries: QueryClient };
  },
): Promise<void> {
  if (given.cause !== 'enter' || Object.keys(given.search).length > 0) return;
  const views = await Promise.race([
    given.context.queries.ensureQueryData(viewsQuery).catch(() => []),
    new Promise<[]>((resolve) => {
      setTimeout(() => resolve([]), PATIENCE_MS);
    }),
  ]);
  const view = views.find((each) => each.page === page && each.default && each.search !== '');
  // The router's redirects are thrown by design.
  if (view !== undefined)
    throw redirect({ to: `/${page}`, search: parseSearch(view.search), replace: true });
}

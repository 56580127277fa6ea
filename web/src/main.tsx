import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/controls.css';
import './styles/table.css';
import './styles/shell.css';
import './styles/parts.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createQueries } from './client/queries.ts';
import { meQuery } from './client/session.ts';
import { setSignedOut } from './client/signed-out.ts';
import { createPageRouter } from './router.tsx';
import { listenForShortcuts } from './shortcuts.ts';

const queries = createQueries({
  onSignedOut: () => {
    const { pathname, href } = router.latestLocation;
    if (pathname === '/sign-in') return;
    // Whoever was signed in may be in the middle of something; nobody else has anything to lose.
    if (queries.getQueryData(meQuery.queryKey) !== undefined) setSignedOut(true);
    else void router.navigate({ to: '/sign-in', search: { next: href } });
  },
});
const router = createPageRouter(queries);
listenForShortcuts();

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

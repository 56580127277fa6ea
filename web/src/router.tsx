import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import type { QueryClient } from '@tanstack/react-query';
import { ApiError } from './client/http.ts';
import { meQuery } from './client/session.ts';
import { openDefaultView } from './default-view.ts';
import { Shell } from './parts/Shell.tsx';
import { parseCompareSearch } from './pages/compare-search.ts';
import { parseTraceSearch } from './pages/trace-search.ts';
import { NotFound, PageError, PagePending } from './parts/PageStates.tsx';
import {
  parseAgentsSearch,
  parseAnomaliesSearch,
  parseCostsSearch,
  parseDiscoverySearch,
  parseRunSearch,
  parseSignInSearch,
} from './url-search.ts';
import { parseConnectSearch } from './pages/connect-search.ts';
import { parseQualitySearch } from './pages/quality-search.ts';
import { parseRunsSearch } from './pages/runs-search.ts';
import type { RunsSearch } from './pages/runs-search.ts';
import { parseTracesSearch } from './pages/traces-search.ts';
import type { TracesSearch } from './pages/traces-search.ts';
import { parseConversationsSearch } from './pages/conversations-search.ts';
import type { ConversationsSearch } from './pages/conversations-search.ts';
import { parseApprovalsSearch } from './pages/approvals-search.ts';
import { parseCallsSearch } from './pages/calls-search.ts';
import { parseEvidenceSearch } from './pages/evidence-search.ts';
import { parsePoliciesSearch } from './pages/policies-search.ts';
import { parseLogsSearch } from './pages/logs-search.ts';
import { parseMetricsSearch } from './pages/metrics-search.ts';
import { formatSearch, parseSearch, strictly } from './search-values.ts';

const rootRoute = createRootRouteWithContext<{ readonly queries: QueryClient }>()({});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: strictly(parseSignInSearch),
  component: lazyRouteComponent(() => import('./pages/SignIn.tsx'), 'SignInPage'),
});

const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(meQuery);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      const next = location.href === '/' ? {} : { next: location.href };
      // The router's redirects are thrown by design.
      throw redirect({ to: '/sign-in', search: next });
    }
  },
});

const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/Overview.tsx'), 'OverviewPage'),
});

const discoveryRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/discovery',
  validateSearch: strictly(parseDiscoverySearch),
  component: lazyRouteComponent(() => import('./pages/Discovery.tsx'), 'DiscoveryPage'),
});

const agentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/agents',
  validateSearch: strictly(parseAgentsSearch),
  component: lazyRouteComponent(() => import('./pages/Agents.tsx'), 'AgentsPage'),
});

const agentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/agents/$agentId',
  component: lazyRouteComponent(() => import('./pages/Agent.tsx'), 'AgentPage'),
});

const tracesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/traces',
  beforeLoad: (given) => openDefaultView('traces', given),
  validateSearch: strictly<TracesSearch>(parseTracesSearch),
  component: lazyRouteComponent(() => import('./pages/Traces.tsx'), 'TracesPage'),
});

const compareRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/traces/compare',
  validateSearch: strictly(parseCompareSearch),
  component: lazyRouteComponent(() => import('./pages/Compare.tsx'), 'ComparePage'),
});

const traceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/traces/$traceId',
  validateSearch: strictly(parseTraceSearch),
  component: lazyRouteComponent(() => import('./pages/Trace.tsx'), 'TracePage'),
});

const logsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/logs',
  validateSearch: strictly(parseLogsSearch),
  component: lazyRouteComponent(() => import('./pages/Logs.tsx'), 'LogsPage'),
});

const runsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/runs',
  beforeLoad: (given) => openDefaultView('runs', given),
  validateSearch: strictly<RunsSearch>(parseRunsSearch),
  component: lazyRouteComponent(() => import('./pages/Runs.tsx'), 'RunsPage'),
});

const runRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/runs/$runId',
  validateSearch: strictly(parseRunSearch),
  component: lazyRouteComponent(() => import('./pages/Run.tsx'), 'RunPage'),
});

const conversationsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/conversations',
  beforeLoad: (given) => openDefaultView('conversations', given),
  validateSearch: strictly<ConversationsSearch>(parseConversationsSearch),
  component: lazyRouteComponent(() => import('./pages/Conversations.tsx'), 'ConversationsPage'),
});

const conversationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/conversations/$conversationId',
  component: lazyRouteComponent(() => import('./pages/Conversation.tsx'), 'ConversationPage'),
});

const metricsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/metrics',
  validateSearch: strictly(parseMetricsSearch),
  component: lazyRouteComponent(() => import('./pages/Metrics.tsx'), 'MetricsPage'),
});

const costsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/costs',
  validateSearch: strictly(parseCostsSearch),
  component: lazyRouteComponent(() => import('./pages/Costs.tsx'), 'CostsPage'),
});

const qualityRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/quality',
  validateSearch: strictly(parseQualitySearch),
  component: lazyRouteComponent(() => import('./pages/Quality.tsx'), 'QualityPage'),
});

const anomaliesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/anomalies',
  validateSearch: strictly(parseAnomaliesSearch),
  component: lazyRouteComponent(() => import('./pages/Anomalies.tsx'), 'AnomaliesPage'),
});

const approvalsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/approvals',
  validateSearch: strictly(parseApprovalsSearch),
  component: lazyRouteComponent(() => import('./pages/Approvals.tsx'), 'ApprovalsPage'),
});

const callsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/calls',
  validateSearch: strictly(parseCallsSearch),
  component: lazyRouteComponent(() => import('./pages/Calls.tsx'), 'CallsPage'),
});

const policiesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/policies',
  validateSearch: strictly(parsePoliciesSearch),
  component: lazyRouteComponent(() => import('./pages/Policies.tsx'), 'PoliciesPage'),
});

const evidenceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/evidence',
  validateSearch: strictly(parseEvidenceSearch),
  component: lazyRouteComponent(() => import('./pages/Evidence.tsx'), 'EvidencePage'),
});

const connectRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/connect',
  validateSearch: strictly(parseConnectSearch),
  component: lazyRouteComponent(() => import('./pages/Connect.tsx'), 'ConnectPage'),
});

const settingsHomeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings',
  beforeLoad: () => {
    throw redirect({ to: '/settings/$section', params: { section: 'keys' }, replace: true });
  },
});

const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings/$section',
  component: lazyRouteComponent(() => import('./pages/settings/Settings.tsx'), 'SettingsPage'),
});

const unknownRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '$',
  component: NotFound,
});

const routeTree = rootRoute.addChildren([
  signInRoute,
  shellRoute.addChildren([
    homeRoute,
    discoveryRoute,
    agentsRoute,
    agentRoute,
    tracesRoute,
    compareRoute,
    traceRoute,
    logsRoute,
    runsRoute,
    runRoute,
    conversationsRoute,
    conversationRoute,
    metricsRoute,
    costsRoute,
    qualityRoute,
    anomaliesRoute,
    approvalsRoute,
    callsRoute,
    policiesRoute,
    evidenceRoute,
    connectRoute,
    settingsHomeRoute,
    settingsRoute,
    unknownRoute,
  ]),
]);

export function createPageRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    parseSearch,
    stringifySearch: formatSearch,
    defaultPreload: 'intent',
    defaultErrorComponent: PageError,
    defaultPendingComponent: PagePending,
    defaultPendingMs: 300,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPageRouter>;
  }
}

import type { FastifyInstance } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';

import { AppError } from '../errors.ts';
import { accountRoutes } from './accounts.ts';
import { agentReviewRoutes } from './agent-review.ts';
import { agentRoutes } from './agents.ts';
import { alertChannelRoutes } from './alert-channels.ts';
import { alertRoutes } from './alerts.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { anomalyRoutes } from './anomalies.ts';
import { approvalRoutes } from './approvals.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { agentHistoryRoutes, auditTrailRoutes } from './audit-trail.ts';
import { agentVersionRoutes } from './agent-versions.ts';
import { bandedSeriesRoutes } from './banded-series.ts';
import { baselineRoutes } from './baselines.ts';
import { budgetRoutes } from './budgets.ts';
import { conversationRoutes } from './conversations.ts';
import { registerPrometheus } from './compat/prometheus.ts';
import { costEventRoutes } from './cost-events.ts';
import { costRoutes } from './costs.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { departmentRoutes } from './departments.ts';
import { displayCurrencyRoutes } from './display-currency.ts';
import { sendError } from './error-response.ts';
import { heartbeatRoutes } from './heartbeats.ts';
import { evidenceReadinessRoutes } from './evidence-readiness.ts';
import { evidenceVerifyRoutes } from './evidence-verify.ts';
import { evidenceRoutes } from './evidence.ts';
import { gatewayCallRoutes } from './gateway-calls.ts';
import { gatewayLinkRoutes } from './gateway-link.ts';
import { grantRoutes } from './grants.ts';
import { healthRoutes } from './health.ts';
import { liveRoutes } from './live.ts';
import { logOutlineRoutes } from './log-outline.ts';
import { logRoutes } from './logs.ts';
import { jobRoutes } from './jobs.ts';
import { describeApi, openApiRoutes } from './openapi.ts';
import { metricRoutes } from './metrics.ts';
import { otelStatusRoutes } from './otel-status.ts';
import { policyRoutes } from './policies.ts';
import { priceLookupRoutes } from './price-lookup.ts';
import { priceRoutes } from './prices.ts';
import { pushedQualityRoutes } from './pushed-quality.ts';
import { langfuseIngestionRoutes } from './langfuse-ingestion.ts';
import { qualityCheckRoutes } from './quality-checks.ts';
import { qualityJudgeRoutes } from './quality-judge.ts';
import { qualityResultRoutes } from './quality-results.ts';
import { qualityRuleTrialRoutes } from './quality-rule-trial.ts';
import { qualityRuleRoutes } from './quality-rules.ts';
import { registryStatsRoutes } from './registry-stats.ts';
import { retentionRoutes } from './retention.ts';
import { riskRoutes } from './risk.ts';
import { rootSpanPatternRoutes } from './root-span-patterns.ts';
import { enforceAccess } from './route-access.ts';
import { runRoutes } from './runs.ts';
import { runValueRoutes } from './run-values.ts';
import { runStatsRoutes } from './run-stats.ts';
import { signInRoutes } from './sign-in.ts';
import { telemetryStatsRoutes } from './telemetry-stats.ts';
import { toolPinRoutes } from './tool-pins.ts';
import { traceOutlineRoutes } from './trace-outline.ts';
import { traceSpanRoutes } from './trace-spans.ts';
import { traceRoutes } from './traces.ts';
import { viewRoutes } from './views.ts';

/** For the server that the routes are added to: names in paths are as long as senders make them. */
export const ROUTER_OPTIONS = { maxParamLength: 4_096 } as const;

/**
 * Adds the REST routes to a server, in a scope of their own: what else the server has keeps its parsers, hooks and
 * error handler. Unknown paths below `/api` and `/auth` are answered here too.
 */
export async function registerApi(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  await app.register(async (scope) => {
    parseJsonOnly(scope);
    scope.setValidatorCompiler(validatorCompiler);
    // Handlers are typed by the answer's schema; checking again would cost as much as the query.
    scope.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
    scope.setErrorHandler(sendError);
    enforceAccess(scope, deps.auth.authenticator);
    await describeApi(scope, deps.version);
    const api = scope.withTypeProvider<ZodTypeProvider>();
    healthRoutes(api);
    signInRoutes(api, deps);
    apiKeyRoutes(api, deps);
    accountRoutes(api, deps);
    agentRoutes(api, deps);
    agentReviewRoutes(api, deps);
    agentHistoryRoutes(api, deps);
    auditTrailRoutes(api, deps);
    registryStatsRoutes(api, deps);
    otelStatusRoutes(api, deps);
    rootSpanPatternRoutes(api, deps);
    retentionRoutes(api, deps);
    traceRoutes(api, deps);
    traceOutlineRoutes(api, deps);
    logRoutes(api, deps);
    logOutlineRoutes(api, deps);
    metricRoutes(api, deps);
    traceSpanRoutes(api, deps);
    runRoutes(api, deps);
    jobRoutes(api, deps);
    runStatsRoutes(api, deps);
    runValueRoutes(api, deps);
    conversationRoutes(api, deps);
    viewRoutes(api, deps);
    telemetryStatsRoutes(api, deps);
    liveRoutes(api, deps);
    deadLetterRoutes(api, deps);
    alertRoutes(api, deps);
    anomalyRoutes(api, deps);
    baselineRoutes(api, deps);
    bandedSeriesRoutes(api, deps);
    agentVersionRoutes(api, deps);
    heartbeatRoutes(api, deps);
    riskRoutes(api, deps);
    budgetRoutes(api, deps);
    alertChannelRoutes(api, deps);
    costRoutes(api, deps);
    departmentRoutes(api, deps);
    costEventRoutes(api, deps);
    priceLookupRoutes(api, deps);
    priceRoutes(api, deps);
    displayCurrencyRoutes(api, deps);
    qualityCheckRoutes(api, deps);
    qualityRuleRoutes(api, deps);
    qualityRuleTrialRoutes(api, deps);
    qualityResultRoutes(api, deps);
    qualityJudgeRoutes(api, deps);
    pushedQualityRoutes(api, deps);
    langfuseIngestionRoutes(api, deps);
    controlRoutes(api, deps);
    openApiRoutes(api);
    await registerPrometheus(scope, deps);
    await answerUnknownPaths(scope);
  });
}

async function answerUnknownPaths(scope: FastifyInstance): Promise<void> {
  for (const prefix of ['/api', '/auth']) {
    await scope.register(
      async (unknown) => {
        unknown.setNotFoundHandler(async (request) => {
          const path = request.url.split('?')[0];
          throw new AppError('NOT_FOUND', `there is no ${request.method} ${path}`);
        });
      },
      { prefix },
    );
  }
}

/** What is decided about calls, and what proves it. */
function controlRoutes(api: Api, deps: ApiDeps): void {
  evidenceRoutes(api, deps);
  evidenceReadinessRoutes(api, deps);
  evidenceVerifyRoutes(api, deps);
  gatewayCallRoutes(api, deps);
  gatewayLinkRoutes(api, deps);
  approvalRoutes(api, deps);
  grantRoutes(api, deps);
  toolPinRoutes(api, deps);
  policyRoutes(api, deps);
}

function parseJsonOnly(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Many clients name a content type also where they send nothing.
    if (body === '') done(null, undefined);
    else void parse(request, body.toString(), done);
  });
}

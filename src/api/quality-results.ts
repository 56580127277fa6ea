import { z } from 'zod';

import type { AgentQuality, QualityTotals } from '../analysis/quality/quality-reports.ts';
import { AppError } from '../errors.ts';
import { QUALITY_OUTCOMES, QUALITY_SOURCES } from '../model/quality.ts';
import { decodeCursor, encodeCursor } from '../query/cursor.ts';
import type { QualityPosition } from '../storage/quality-result-store.ts';
import {
  answerOf,
  cursor,
  cursorPageOf,
  FROM_AFTER_TO,
  inOrder,
  limitOf,
  nonEmptyText,
  success,
  time,
  hexId,
  traceOf,
  traceShape,
} from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import {
  rate,
  resultAnswer,
  severity,
  skippedAnswer,
  toResultAnswer,
  toTrendAnswer,
  trendAnswer,
} from './quality-answer.ts';
import { principalOf } from './route-access.ts';

const findQuery = z
  .strictObject({
    from: time.optional(),
    to: time.optional(),
    agent: nonEmptyText(256).optional(),
    name: nonEmptyText(256).optional(),
    source: z.enum(QUALITY_SOURCES).optional(),
    outcome: z.enum(QUALITY_OUTCOMES).optional(),
    severity: severity.optional(),
    ...traceShape,
    run_id: hexId(16).optional(),
    limit: limitOf(50, 500),
    cursor: cursor.optional(),
  })
  .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO);

const days = z.coerce.number().int().min(1).max(90).default(30);

const totals = {
  passed: z.int(),
  failed: z.int(),
  scored: z.int(),
  unjudged: z.int(),
  /** Of those that passed or failed. */
  pass_rate: rate,
};

const dayAnswer = z.object({ day: z.string(), passed: z.int(), failed: z.int() });

const agentAnswer = z
  .object({
    agent: z.string(),
    ...totals,
    worst_severity: severity.nullable(),
    trend: trendAnswer,
  })
  .meta({ id: 'AgentQuality' });

const summaryAnswer = z
  .object({
    period_days: z.int(),
    ...totals,
    /** Over thirty days, whatever the period. */
    trend: trendAnswer,
    daily: z.array(dayAnswer.extend({ pass_rate: rate })),
    agents: z.array(agentAnswer),
    checks: z.array(
      z.object({
        source: z.string(),
        name: z.string(),
        ...totals,
        mean_score: z.number().nullable(),
      }),
    ),
  })
  .meta({ id: 'QualitySummary' });

const heatmapAnswer = z
  .object({
    days: z.array(z.string()),
    agents: z.array(
      z.object({
        agent: z.string(),
        /** One for each day, null where there are no results. */
        cells: z.array(
          z.object({ day: z.string(), ...totals, worst_severity: severity.nullable() }).nullable(),
        ),
      }),
    ),
  })
  .meta({ id: 'QualityHeatmap' });

const trendRow = z.object({
  agent: z.string(),
  name: z.string(),
  ...trendAnswer.shape,
  daily: z.array(dayAnswer),
});

const runAnswer = z
  .object({
    run_id: z.string(),
    results: z.array(resultAnswer),
    /** Checks that say nothing about the run, and why; null when the run is not stored any more. */
    skipped: z.array(skippedAnswer).nullable(),
  })
  .meta({ id: 'RunQuality' });

export function qualityResultRoutes(api: Api, deps: ApiDeps): void {
  findRoute(api, deps);
  summaryRoute(api, deps);
  trendRoutes(api, deps);
  runRoutes(api, deps);
}

function findRoute(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/quality/results',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['quality'],
      summary: 'Finds results of checks, rules, the judge and others; newest first.',
      querystring: findQuery,
      response: { 200: cursorPageOf(z.array(resultAnswer)) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { limit, cursor: after, from, to, trace, trace_id, run_id, ...rest } = request.query;
      const traceId = traceOf({ trace, trace_id });
      const page = await deps.quality.results.find(project, {
        filter: { ...rest, fromMs: from, toMs: to, traceId, runId: run_id },
        after: after === undefined ? undefined : positionOf(after),
        limit,
      });
      const last = page.more ? page.results.at(-1) : undefined;
      return {
        ...success(page.results.map(toResultAnswer)),
        meta: { limit, next_cursor: last === undefined ? null : cursorOf(last) },
      };
    },
  });
}

function cursorOf({ startNs, traceId, runId, source, name, key }: QualityPosition): string {
  return encodeCursor([String(startNs), traceId, runId, source, name, key]);
}

function positionOf(text: string): QualityPosition {
  const [startNs, traceId, runId, source, name, key] = decodeCursor(text, 6).map(String);
  const known = QUALITY_SOURCES.find((one) => one === source);
  const hex = /^[0-9a-f]*$/;
  if (
    known === undefined ||
    !/^\d{1,19}$/.test(startNs!) ||
    !hex.test(traceId!) ||
    !hex.test(runId!)
  ) {
    throw new AppError(
      'VALIDATION_ERROR',
      'the cursor is not one of ours; send meta.next_cursor as it was answered',
    );
  }
  return {
    startNs: BigInt(startNs!),
    traceId: traceId!,
    runId: runId!,
    source: known,
    name: name!,
    key: key!,
  };
}

function summaryRoute(api: Api, deps: ApiDeps): void {
  const { reports } = deps.quality;

  api.route({
    method: 'GET',
    url: '/api/v1/quality/summary',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['quality'],
      summary: 'Answers pass rates of the last days: of all, by agent and by check.',
      querystring: z.strictObject({ days, agent: nonEmptyText(256).optional() }),
      response: { 200: answerOf(summaryAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const summary = await reports.summary(project, request.query.days, request.query.agent);
      return success({
        period_days: summary.days,
        ...toTotals(summary),
        trend: toTrendAnswer(summary.trend),
        daily: summary.daily.map(({ passRate, ...day }) => ({ ...day, pass_rate: passRate })),
        agents: summary.agents.map(toAgent),
        checks: summary.checks.map((check) => ({
          source: check.source,
          name: check.name,
          ...toTotals(check),
          mean_score: check.meanScore,
        })),
      });
    },
  });
}

function trendRoutes(api: Api, deps: ApiDeps): void {
  const { reports } = deps.quality;

  api.route({
    method: 'GET',
    url: '/api/v1/quality/trends',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['quality'],
      summary: 'Answers how pass rates moved over thirty days, per agent and check.',
      querystring: z.strictObject({
        agent: nonEmptyText(256).optional(),
        name: nonEmptyText(256).optional(),
      }),
      response: { 200: answerOf(z.array(trendRow)) },
    },
    handler: async (request) => {
      const rows = await reports.trends(principalOf(request).project, request.query);
      return success(
        rows.map((row) => ({
          agent: row.agent,
          name: row.name,
          ...toTrendAnswer(row),
          daily: [...row.daily],
        })),
      );
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/quality/heatmap',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['quality'],
      summary: 'Answers pass rate and worst failure per agent and day.',
      querystring: z.strictObject({ days }),
      response: { 200: answerOf(heatmapAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const heatmap = await reports.heatmap(project, request.query.days);
      return success({
        days: [...heatmap.days],
        agents: heatmap.agents.map(({ agent, cells }) => ({
          agent,
          cells: cells.map(
            (cell) =>
              cell && { day: cell.day, ...toTotals(cell), worst_severity: cell.worstSeverity },
          ),
        })),
      });
    },
  });
}

function runRoutes(api: Api, deps: ApiDeps): void {
  const { quality } = deps;
  for (const resource of ['runs', 'executions']) {
    api.route({
      method: 'GET',
      url: `/api/v1/${resource}/:id/quality`,
      config: { access: 'monitoring:read' },
      schema: {
        tags: ['quality'],
        summary: 'Answers the results of a run, and which checks do not apply to it.',
        params: z.strictObject({ id: hexId(16) }),
        querystring: z.strictObject(traceShape),
        response: { 200: answerOf(runAnswer) },
      },
      handler: async (request) => {
        const { project } = principalOf(request);
        const { id } = request.params;
        const traceId = traceOf(request.query);
        const filter = { runId: id, traceId };
        const [stored, detail] = await Promise.all([
          quality.results.find(project, { filter, after: undefined, limit: 500 }),
          quality.getRun(project, { runId: id, traceId }),
        ]);
        if (detail === undefined && stored.results.length === 0) {
          throw new AppError('NOT_FOUND', `there is no run ${id}`);
        }
        const skipped =
          detail === undefined
            ? null
            : quality.analysis
                .evaluate(detail)
                .skipped.map(({ checkId, reason }) => ({ check_id: checkId, reason }));
        return success({ run_id: id, results: stored.results.map(toResultAnswer), skipped });
      },
    });
  }
}

const toTotals = ({ passed, failed, scored, unjudged, passRate }: QualityTotals) => ({
  passed,
  failed,
  scored,
  unjudged,
  pass_rate: passRate,
});

const toAgent = (row: AgentQuality): z.infer<typeof agentAnswer> => ({
  agent: row.agent,
  ...toTotals(row),
  worst_severity: row.worstSeverity,
  trend: toTrendAnswer(row.trend),
});

import { z } from 'zod';

import { sumCounts } from '../model/counted-usage.ts';
import { AppError } from '../errors.ts';
import { fromDollars, toDollars } from '../model/money.ts';
import type { Run } from '../model/run.ts';
import { RUN_STATUSES } from '../model/run.ts';
import type { RunFilter } from '../storage/run-store.ts';
import { RUN_SORT_KEYS } from '../storage/run-store.ts';
import {
  answerOf,
  cursor,
  cursorPageOf,
  FROM_AFTER_TO,
  hexId,
  inOrder,
  limitOf,
  nonEmptyText,
  oneOf,
  success,
  time,
  traceOf,
  traceShape,
} from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';
import {
  callAnswer,
  contentAnswer,
  runAnswer,
  toCallAnswer,
  toContentAnswer,
  toolCallAnswer,
  toRunAnswer,
  toToolCallAnswer,
} from './run-answer.ts';

const NS_PER_MS = 1_000_000;

const durationMs = z.coerce.number().min(0).max(1e12);

/** US dollars. */
const dollars = z.coerce.number().min(0).max(9_000_000);

/** What runs are searched by. */
export const runFilterShape = {
  from: time.optional(),
  to: time.optional(),
  agent: oneOf(nonEmptyText(256)),
  /** `agent_version` of a run. */
  version: oneOf(nonEmptyText(64)),
  service: oneOf(nonEmptyText(256)),
  framework: oneOf(nonEmptyText(256)),
  /** Of the root span. */
  name: oneOf(nonEmptyText(1_024)),
  status: oneOf(z.enum(RUN_STATUSES)),
  error_type: oneOf(nonEmptyText(256)),
  model: oneOf(nonEmptyText(256)),
  tool: oneOf(nonEmptyText(256)),
  user: oneOf(nonEmptyText(1_024)),
  conversation: oneOf(nonEmptyText(1_024)),
  ...traceShape,
  /** Runs that this one started; `none` for those that no other run started. */
  parent: z.union([z.literal('none'), hexId(16)]).optional(),
  min_cost: dollars.optional(),
  max_cost: dollars.optional(),
  min_duration_ms: durationMs.optional(),
  max_duration_ms: durationMs.optional(),
};

type FilterQuery = z.output<z.ZodObject<typeof runFilterShape>>;

/** Refuses ranges the wrong way round. */
export function isRightWay<T extends z.ZodType<FilterQuery>>(query: T): T {
  return query
    .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO)
    .refine((asked) => inOrder(asked.min_duration_ms, asked.max_duration_ms), {
      path: ['min_duration_ms'],
      error: 'the least duration must not be above the greatest',
    })
    .refine((asked) => inOrder(asked.min_cost, asked.max_cost), {
      path: ['min_cost'],
      error: 'the least cost must not be above the greatest',
    });
}

const findQuery = isRightWay(
  z.strictObject({
    ...runFilterShape,
    sort: z.enum(RUN_SORT_KEYS).default('start'),
    limit: limitOf(50, 500),
    cursor: cursor.optional(),
  }),
);

const totalsAnswer = z.object({
  runs: z.int(),
  model_calls: z.int(),
  tool_calls: z.int(),
  errors: z.int(),
  input_tokens: z.number().nullable(),
  output_tokens: z.number().nullable(),
  /** Null when no call of any has a price. */
  cost_usd: z.number().nullable(),
});

const familyAnswer = z
  .object({
    run: runAnswer,
    model_calls: z.array(callAnswer).readonly(),
    tool_calls: z.array(toolCallAnswer).readonly(),
    /** Runs that this one started. */
    children: z.array(runAnswer).readonly(),
    /** Of the run and all that it started, however deep. */
    totals: totalsAnswer,
    input: contentAnswer.nullable(),
    output: contentAnswer.nullable(),
  })
  .meta({ id: 'RunDetail' });

/** The second is Muster's name for the same. */
const PATHS = ['/api/v1/runs', '/api/v1/executions'] as const;

export function runRoutes(api: Api, deps: ApiDeps): void {
  for (const path of PATHS) {
    api.route({
      method: 'GET',
      url: path,
      config: { access: 'monitoring:read' },
      schema: {
        tags: ['runs'],
        summary: 'Finds runs of agents; newest first unless sorted otherwise.',
        description: 'All that is given must hold. `sort` puts the greatest first.',
        querystring: findQuery,
        response: { 200: cursorPageOf(z.array(runAnswer).readonly()) },
      },
      handler: async (request) => {
        const { project } = principalOf(request);
        const { limit, cursor: after, sort } = request.query;
        const filter = filterOf(request.query);
        const page = await deps.runs.findRuns(project, { filter, sort }, { limit, cursor: after });
        return {
          ...success(page.rows.map(toRunAnswer)),
          meta: { limit, next_cursor: page.nextCursor },
        };
      },
    });

    api.route({
      method: 'GET',
      url: `${path}/:runId`,
      config: { access: 'monitoring:read' },
      schema: {
        tags: ['runs'],
        summary: 'Answers one run with its calls, the runs it started, its input and output.',
        params: z.strictObject({ runId: hexId(16) }),
        querystring: z.strictObject(traceShape),
        response: { 200: answerOf(familyAnswer) },
      },
      handler: async (request) => {
        const { project } = principalOf(request);
        const { runId } = request.params;
        const traceId = traceOf(request.query);
        const family = await deps.runs.getRun(project, { runId, traceId });
        if (family === undefined) throw new AppError('NOT_FOUND', `there is no run ${runId}`);
        const detail = await deps.runAnalyzer.detail(family.run, family.modelCalls);
        return success({
          run: toRunAnswer(family.run),
          model_calls: family.modelCalls.map(toCallAnswer),
          tool_calls: (detail?.toolCalls ?? []).map(toToolCallAnswer),
          children: family.children.map(toRunAnswer),
          totals: totalsOf(family.all),
          input: toContentAnswer(detail?.input ?? null),
          output: toContentAnswer(detail?.output ?? null),
        });
      },
    });
  }
}

export function filterOf(query: FilterQuery): RunFilter {
  const { from, to, version, error_type: errorType, min_cost: least, max_cost: most } = query;
  const nanoseconds = (ms: number | undefined): bigint | undefined =>
    ms === undefined ? undefined : BigInt(Math.round(ms * NS_PER_MS));
  return {
    fromMs: from,
    toMs: to,
    agent: query.agent,
    agentVersion: version,
    service: query.service,
    framework: query.framework,
    name: query.name,
    status: query.status,
    errorType,
    model: query.model,
    tool: query.tool,
    user: query.user,
    conversation: query.conversation,
    traceId: traceOf(query),
    parentRunId: query.parent === 'none' ? '' : query.parent,
    costMin: least === undefined ? undefined : fromDollars(least),
    costMax: most === undefined ? undefined : fromDollars(most),
    durationNsMin: nanoseconds(query.min_duration_ms),
    durationNsMax: nanoseconds(query.max_duration_ms),
  };
}

function totalsOf(runs: readonly Run[]): z.infer<typeof totalsAnswer> {
  const sum = (of: (run: Run) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const costs = runs.flatMap(({ cost, modelCalls }) =>
    cost === null || modelCalls === 0 ? [] : [cost],
  );
  const calls = sum(({ modelCalls }) => modelCalls);
  return {
    runs: runs.length,
    model_calls: calls,
    tool_calls: sum(({ toolCalls }) => toolCalls),
    errors: sum(({ errorCount }) => errorCount),
    input_tokens: sumCounts(runs.map(({ tokens }) => tokens.input)),
    output_tokens: sumCounts(runs.map(({ tokens }) => tokens.output)),
    cost_usd:
      costs.length === 0 && calls > 0
        ? null
        : toDollars(costs.reduce((total, cost) => total + cost, 0n)),
  };
}

import { z } from 'zod';

import { createAttemptLimit } from '../auth/attempt-limit.ts';
import { randomId } from '../base/random-id.ts';
import { answerOf, isoTime, nonEmptyText, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { severity } from './quality-answer.ts';
import { principalOf } from './route-access.ts';

const PUSHES_PER_MINUTE = 1_000;
const CHECKS_MAX = 200;
const COUNT_MAX = 1e12;

/** Anything that JSON has, as text: senders give numbers, lists and words. */
const said = z
  .unknown()
  .optional()
  .transform((value) =>
    value === undefined || value === null
      ? ''
      : typeof value === 'string'
        ? value
        : JSON.stringify(value),
  );

const pushedCheck = z.strictObject({
  check_id: nonEmptyText(200),
  severity: severity.default('MEDIUM'),
  passed: z.boolean(),
  expected: said,
  actual: said,
  delta: z.number().nullish(),
  message: text(4_000).nullish(),
});

const count = z.number().min(0).max(COUNT_MAX).nullish();

const jobBody = z
  .strictObject({
    /** The id or the name of the agent. */
    agent_id: nonEmptyText(256),
    /** As in the path, when given. */
    job_id: text(256).optional(),
    overall_passed: z.boolean(),
    token_input: count,
    token_output: count,
    model: text(256).nullish(),
    latency_ms: count,
    checks: z.array(pushedCheck).max(CHECKS_MAX),
  })
  .meta({
    id: 'JobQuality',
    example: {
      agent_id: 'invoice-reader',
      overall_passed: false,
      checks: [
        {
          check_id: 'subtotal_arithmetic',
          severity: 'HIGH',
          passed: false,
          expected: 120.5,
          actual: 120,
          delta: -0.5,
        },
      ],
    },
  });

const jobAnswer = z
  .object({
    signal_id: z.string(),
    agent_id: z.string(),
    job_id: z.string(),
    overall_passed: z.boolean(),
    check_count: z.int(),
    passed_count: z.int(),
    received_at: z.string(),
  })
  .meta({ id: 'QualitySignal' });

export function pushedQualityRoutes(api: Api, deps: ApiDeps): void {
  jobRoute(api, deps);
  scoreRoute(api, deps);
}

function jobRoute(api: Api, deps: ApiDeps): void {
  const { quality, store, clock } = deps;
  const limit = createAttemptLimit({ clock, attemptsMax: PUSHES_PER_MINUTE, windowMs: 60_000 });

  api.route({
    method: 'POST',
    url: '/api/v1/jobs/:id/quality',
    config: { access: 'telemetry:write' },
    schema: {
      tags: ['quality'],
      summary: 'Takes the results of checks that somebody else made on a job.',
      description:
        'A job whose id is that of a trace or a run here belongs to it. Sent again, the results take the place of the first. At most 1,000 requests a minute for an agent.',
      params: z.strictObject({ id: nonEmptyText(256) }),
      body: jobBody,
      response: { 200: answerOf(jobAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { id: jobId } = request.params;
      const { agent_id, overall_passed, checks } = request.body;
      limit.take(JSON.stringify([project, agent_id]));
      const agent = await store.agents.get(project, agent_id);
      const receipt = await quality.pushed.putJob(project, {
        jobId,
        agent: agent?.name ?? agent_id,
        overallPassed: overall_passed,
        checks: checks.map((check) => ({
          checkId: check.check_id,
          severity: check.severity,
          passed: check.passed,
          expected: check.expected,
          actual: check.actual,
          delta: check.delta ?? null,
          message: check.message ?? '',
        })),
      });
      return success({
        signal_id: receipt.signalId,
        agent_id,
        job_id: jobId,
        overall_passed,
        check_count: checks.length,
        passed_count: receipt.passedCount,
        received_at: isoTime(receipt.receivedAtMs),
      });
    },
  });
}

export const scoreBody = z
  .object({
    /** Of the score; made up when absent. */
    id: nonEmptyText(200).optional(),
    traceId: z
      .string()
      .regex(/^[0-9a-fA-F]{32}$/, 'must be 32 hexadecimal digits')
      .transform((id) => id.toLowerCase()),
    observationId: z
      .string()
      .regex(/^[0-9a-fA-F]{16}$/, 'must be 16 hexadecimal digits')
      .transform((id) => id.toLowerCase())
      .nullish(),
    name: nonEmptyText(200),
    value: z.union([z.number(), text(1_000)]),
    dataType: z.enum(['NUMERIC', 'CATEGORICAL', 'BOOLEAN']).optional(),
    comment: text(4_000).nullish(),
  })
  // Fields that other versions send are passed over, as Langfuse does.
  .loose()
  .refine(({ dataType, value }) => dataType !== 'BOOLEAN' || value === 0 || value === 1, {
    path: ['value'],
    error: 'must be 0 or 1 for BOOLEAN',
  })
  .refine(({ dataType, value }) => dataType !== 'NUMERIC' || typeof value === 'number', {
    path: ['value'],
    error: 'must be a number for NUMERIC',
  })
  .meta({
    id: 'LangfuseScore',
    example: {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      name: 'helpfulness',
      value: 0.9,
      dataType: 'NUMERIC',
      comment: 'answers the question',
    },
  });

function scoreRoute(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/api/public/scores',
    config: { access: 'telemetry:write' },
    schema: {
      tags: ['quality'],
      summary: 'Takes a score as clients of Langfuse send it.',
      description:
        'Sign in with a key, as Bearer or as the password of Basic. Words such as pass and fail, and truths, pass or fail; numbers are kept as scores.',
      body: scoreBody,
      response: { 200: z.object({ id: z.string() }) },
    },
    handler: async (request) => {
      const { body } = request;
      const id = body.id ?? randomId('scr');
      await putScores(deps, principalOf(request).project, [{ ...body, id }]);
      return { id };
    },
  });
}

/** Keeps the scores; those without an id get one. */
export async function putScores(
  deps: ApiDeps,
  project: string,
  scores: readonly z.output<typeof scoreBody>[],
): Promise<void> {
  await deps.quality.pushed.putScores(
    project,
    scores.map(({ id, traceId, observationId, name, value, dataType, comment }) => ({
      id: id ?? randomId('scr'),
      traceId,
      spanId: observationId ?? '',
      name,
      value,
      dataType: dataType ?? (typeof value === 'number' ? 'NUMERIC' : 'CATEGORICAL'),
      comment: comment ?? '',
    })),
  );
}

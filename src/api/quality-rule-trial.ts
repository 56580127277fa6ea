import { z } from 'zod';

import { evaluateRule, isTarget } from '../analysis/quality/evaluate-rule.ts';
import { textRun } from '../analysis/quality/text-run.ts';
import { AppError } from '../errors.ts';
import type { RunDetail } from '../model/run.ts';
import { answerOf, isoTime, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { resultAnswer, toResultAnswer } from './quality-answer.ts';
import { ruleBody, toDraft } from './quality-rules.ts';
import { principalOf } from './route-access.ts';

/** Rules are tried before they are kept: on one run, on texts, on what ran of late. */

const TEXT_MAX = 65_536;
const NS_PER_MS = 1_000_000n;
/** Runs that are looked through for those that a rule is for. */
const RUNS_LOOKED_AT = 500;

const testBody = z
  .strictObject({
    rule: ruleBody,
    /** A stored run, or texts in its place. */
    run_id: z
      .string()
      .regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits')
      .optional(),
    input: text(TEXT_MAX).optional(),
    output: text(TEXT_MAX).optional(),
  })
  .refine(
    ({ run_id, input, output }) =>
      (run_id === undefined) !== (input === undefined && output === undefined),
    'give run_id, or input and output',
  );

const testAnswer = z
  .object({
    /** Whether the rule is for the run; texts have no name, so that it always is. */
    is_target: z.boolean(),
    /** Null when the rule does not apply. */
    result: resultAnswer.nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'QualityRuleTest' });

const dryRunBody = z.strictObject({
  rule: ruleBody,
  /** Runs that the rule is for and that it is held against, at most. */
  limit: z.int().min(1).max(50).default(20),
});

const dryRunAnswer = z
  .object({
    /** Ended runs that were looked through, newest first, until enough were found. */
    looked_at: z.int(),
    passed: z.int(),
    failed: z.int(),
    not_applicable: z.int(),
    runs: z.array(
      z.object({
        trace_id: z.string(),
        run_id: z.string(),
        agent: z.string().nullable(),
        started_at: z.string(),
        outcome: z.enum(['passed', 'failed', 'not_applicable']),
        /** What was found, or why the rule does not apply. */
        message: z.string(),
        expected: z.string().nullable(),
        actual: z.string().nullable(),
        evidence: resultAnswer.shape.evidence,
      }),
    ),
  })
  .meta({ id: 'QualityRuleDryRun' });

const URL = '/api/v1/quality/rules';

export function qualityRuleTrialRoutes(api: Api, deps: ApiDeps): void {
  testRoute(api, deps);
  dryRunRoute(api, deps);
}

function testRoute(api: Api, deps: ApiDeps): void {
  const { getRun } = deps.quality;

  api.route({
    method: 'POST',
    url: `${URL}/test`,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['quality'],
      summary: 'Tries a business rule on a stored run or on given texts, without keeping anything.',
      body: testBody,
      response: { 200: answerOf(testAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { rule: written, run_id, input = null, output = null } = request.body;
      const detail =
        run_id === undefined
          ? textRun(project, input, output)
          : await getRun(project, { runId: run_id, traceId: undefined });
      if (detail === undefined) throw new AppError('NOT_FOUND', `there is no run ${run_id}`);
      const rule = { ...toDraft(written), id: 'test', project, createdAtMs: 0, updatedAtMs: 0 };
      const found = evaluateRule(detail, rule);
      return success({
        is_target: run_id === undefined || isTarget(detail, rule),
        result: 'result' in found ? toResultAnswer(found.result) : null,
        reason: 'result' in found ? null : found.reason,
      });
    },
  });
}

function dryRunRoute(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'POST',
    url: `${URL}/dry-run`,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['quality'],
      summary:
        'Holds a business rule against recent runs that it is for, without keeping anything.',
      body: dryRunBody,
      response: { 200: answerOf(dryRunAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { rule: written, limit } = request.body;
      const rule = { ...toDraft(written), id: 'test', project, createdAtMs: 0, updatedAtMs: 0 };
      const page = await deps.runs.findRuns(
        project,
        { filter: {}, sort: 'start' },
        { limit: RUNS_LOOKED_AT },
      );
      const ended = page.rows.filter(({ status }) => status !== 'running');
      const targets = ended.filter((run) => isTarget({ run }, rule)).slice(0, limit);
      const runs: ReturnType<typeof toTried>[] = [];
      // One after the other: all spans of a run's trace are held while it is looked at.
      for (const { runId, traceId } of targets) {
        const detail = await deps.quality.getRun(project, { runId, traceId });
        if (detail !== undefined) runs.push(toTried(detail, evaluateRule(detail, rule)));
      }
      const count = (wanted: string) => runs.filter(({ outcome }) => outcome === wanted).length;
      return success({
        looked_at: ended.length,
        passed: count('passed'),
        failed: count('failed'),
        not_applicable: count('not_applicable'),
        runs,
      });
    },
  });
}

function toTried({ run }: RunDetail, found: ReturnType<typeof evaluateRule>) {
  const result = 'result' in found ? toResultAnswer(found.result) : undefined;
  return {
    trace_id: run.traceId,
    run_id: run.runId,
    agent: run.agent || null,
    started_at: isoTime(Number(run.startNs / NS_PER_MS)),
    outcome:
      result === undefined
        ? ('not_applicable' as const)
        : result.outcome === 'failed'
          ? ('failed' as const)
          : ('passed' as const),
    message: 'result' in found ? found.result.message : found.reason,
    expected: result?.expected ?? null,
    actual: result?.actual ?? null,
    evidence: result?.evidence ?? null,
  };
}

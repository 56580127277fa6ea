import { z } from 'zod';

import { answerOf, isoTime, isoTimeOrNull, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import type { DryRunRow } from './gateway-box.ts';
import { gatewayOf } from './gateway-calls.ts';
import { principalOf } from './route-access.ts';

/** Rows of a dry run that are answered; the totals count all. */
const DRY_RUN_ROWS_MAX = 200;
/** What a try answers of the rules before the deciding one. */
const CONSIDERED_MAX = 1_000;
const YAML_CHARACTERS_MAX = 500_000;

const ruleAnswer = z
  .object({
    /** As calls name it. */
    rule: z.string(),
    tools: z.array(z.string()),
    /** `allow`, `deny` or `human_approval`. */
    action: z.string(),
    /** In words; empty for always. */
    condition: z.string(),
    /** How many of the calls of late it decided about. */
    calls: z.int(),
    last_at: z.string().nullable(),
  })
  .meta({ id: 'PolicyRule' });

const policiesAnswer = z
  .object({
    version: z.string(),
    loaded_at: z.string(),
    /** Why the newest change is not in force, while the ones before stay; empty when it is. */
    problem: z.string(),
    problem_at: z.string().nullable(),
    /** The gateway's file, and the folder of policies where there is one. */
    files: z.array(z.string()),
    /** In the order in which they are asked. */
    policies: z.array(
      z.object({
        name: z.string(),
        agent: z.string(),
        file: z.string(),
        /** An allow-list of models, a limit of a budget: asked before the rules. */
        limits: z.array(ruleAnswer),
        rate_limit: z
          .object({ max_per_minute: z.int().optional(), max_total: z.int().optional() })
          .nullable(),
        rules: z.array(ruleAnswer),
      }),
    ),
    /** The calls of late that the counts are of. */
    calls: z.int(),
    calls_since: z.string().nullable(),
    /** What decided about the other calls: the registry, a grant, a default. */
    others: z.array(z.object({ rule: z.string(), calls: z.int() })),
  })
  .meta({ id: 'Policies' });

const tryBody = z.strictObject({
  agent: text(256),
  tool: text(512),
  params: z.record(z.string(), z.unknown()).default({}),
});

const decisionAnswer = z
  .object({
    action: z.string(),
    rule: z.string(),
    reason: z.string(),
    /** The grant in whose name nobody would be asked. */
    grant: z.string().nullable(),
    /** What was asked, in its order: each rule up to the one that decides, and why it does not. */
    considered: z.array(
      z.object({
        rule: z.string(),
        action: z.string().nullable(),
        outcome: z.enum(['decides', 'other_agent', 'other_tool', 'condition', 'overruled']),
        why: z.string(),
      }),
    ),
  })
  .meta({ id: 'PolicyDecision' });

const dryRunBody = z.strictObject({
  /** A gateway.yaml, a list of policies, or one; those in force when absent. */
  yaml: z.string().min(1).max(YAML_CHARACTERS_MAX).optional(),
});

const dryRunRow = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  at: z.string(),
  agent: z.string(),
  tool: z.string(),
  was: z.string(),
  /** Null when it cannot be told. */
  is: z.string().nullable(),
  rule: z.string(),
  /** What the rule looks at and was not recorded; empty when it can be told. */
  because: z.string(),
});

const dryRunAnswer = z
  .object({
    /** Calls of late that policies decided about. */
    calls: z.int(),
    /** Those that the registry, a limit of a budget or a changed tool decided: not decided anew. */
    passed_over: z.int(),
    changed_total: z.int(),
    changed: z.array(dryRunRow),
    undecidable_total: z.int(),
    undecidable: z.array(dryRunRow),
  })
  .meta({ id: 'PolicyDryRun' });

/** The rules by which calls are let through, and what they would do. */
export function policyRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/policies',
    config: { access: 'governance:read' },
    schema: {
      tags: ['gateway'],
      summary:
        'Answers the policies in force, where they come from, and what they decided of late.',
      response: { 200: answerOf(policiesAnswer) },
    },
    handler: async () => {
      const { loadedAtMs, problemAtMs, callsSince, ...rest } = gatewayOf(deps).policies();
      return success({
        ...rest,
        files: [...rest.files],
        others: [...rest.others],
        policies: rest.policies.map((policy) => ({
          ...policy,
          limits: policy.limits.map(plain),
          rules: policy.rules.map(plain),
        })),
        loaded_at: isoTime(loadedAtMs),
        problem_at: isoTimeOrNull(problemAtMs),
        calls_since: callsSince,
      });
    },
  });

  tryRoutes(api, deps);
}

function tryRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/api/v1/policies/decide',
    config: { access: 'governance:read' },
    schema: {
      tags: ['gateway'],
      summary: 'Answers what would be decided about a call, and why, without making it.',
      body: tryBody,
      response: { 200: answerOf(decisionAnswer) },
    },
    handler: async (request) => {
      const { agent, tool, params } = request.body;
      const { project } = principalOf(request);
      const { considered, grant, ...rest } = gatewayOf(deps).explain(project, agent, tool, params);
      return success({
        ...rest,
        grant: grant ?? null,
        considered: considered.slice(-CONSIDERED_MAX),
      });
    },
  });

  api.route({
    method: 'POST',
    url: '/api/v1/policies/dry-run',
    config: { access: 'governance:read' },
    schema: {
      tags: ['gateway'],
      summary: 'Answers which of the calls of late other policies would decide otherwise.',
      description:
        'Recorded arguments are without secrets, and cut where they were long: a call whose decision hangs on what is missing is answered as undecidable.',
      body: dryRunBody,
      response: { 200: answerOf(dryRunAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const run = gatewayOf(deps).dryRun(project, request.body.yaml);
      return success({
        calls: run.calls,
        passed_over: run.passedOver,
        changed_total: run.changed.length,
        changed: run.changed.slice(0, DRY_RUN_ROWS_MAX).map(toRow),
        undecidable_total: run.undecidable.length,
        undecidable: run.undecidable.slice(0, DRY_RUN_ROWS_MAX).map(toRow),
      });
    },
  });
}

const plain = <T extends { readonly tools: readonly string[] }>(rule: T) => ({
  ...rule,
  tools: [...rule.tools],
});

const toRow = ({ timestamp, ...row }: DryRunRow) => ({ ...row, at: timestamp });

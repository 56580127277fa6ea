import { z } from 'zod';

import { serverReadiness, type ReadinessFacts } from '../analysis/evidence/readiness.ts';
import { createTraceEvidence } from '../analysis/evidence/trace-evidence.ts';
import { verifyPackage, type JsonObject } from '../base/verifier.ts';
import type { AuditRecord } from '../storage/audit-log.ts';
import { answerOf, isoTime, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { readSample } from './evidence-reading.ts';
import { principalOf } from './route-access.ts';

const DAY_MS = 86_400_000;
const DAYS_MAX = 3_660;
/** Of decisions that are looked at. */
const DECISIONS_MAX = 500;
const NAMES_SHOWN = 5;

const readinessAnswer = z
  .object({
    generated_at: z.string(),
    /** Whether the records would stand a review; no statement of conformity. */
    ready: z.boolean(),
    /** From 0 to 100. */
    score: z.int(),
    checks: z.array(
      z.object({
        id: z.enum(['integrity', 'oversight', 'retention', 'continuity', 'gate']),
        title: z.string(),
        /** Null: nothing is taken off for it. */
        ok: z.boolean().nullable(),
        finding: z.string(),
        rests_on: z.string(),
        /** Empty where nothing needs doing. */
        remedy: z.string(),
      }),
    ),
    /** Ed25519, 32 bytes in hex: what this server signs packages with. */
    public_key: z.string(),
  })
  .meta({ id: 'EvidenceReadiness' });

/** Whether what is stored would stand a review of records. */
export function evidenceReadinessRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/evidence/readiness',
    config: { access: 'governance:read' },
    schema: {
      tags: ['governance'],
      summary: 'Answers whether the records would stand a review, check by check.',
      querystring: z.strictObject({
        /** How far back records must reach. */
        retention_days: z.coerce.number().int().min(1).max(DAYS_MAX).default(180),
      }),
      response: { 200: answerOf(readinessAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const facts = await readFacts(deps, project, request.query.retention_days);
      const { checks, ...verdict } = serverReadiness(facts);
      return success({
        ...verdict,
        generated_at: isoTime(deps.clock.now()),
        checks: checks.map(({ restsOn, ...check }) => ({ ...check, rests_on: restsOn })),
        public_key: deps.evidenceKey.publicKey,
      });
    },
  });
}

async function readFacts(
  deps: ApiDeps,
  project: string,
  requiredDays: number,
): Promise<ReadinessFacts> {
  const decisions = await deps.store.auditLog.find(project, {}, { limit: DECISIONS_MAX });
  const [traces, availableDays, undecided, { total: agents }, letters] = await Promise.all([
    readSample(deps, project),
    daysStored(deps, project, requiredDays),
    undecidedAgents(deps, project),
    deps.store.agents.find(project, {}, { ...FIRST, limit: 1 }),
    deps.deadLetters.list(),
  ]);
  const evidence = createTraceEvidence(traces, decisions.toReversed(), {
    key: deps.evidenceKey,
    version: deps.version,
    createdAt: isoTime(deps.clock.now()),
    from: isoTime(0),
    to: isoTime(deps.clock.now()),
    agent: null,
    digestsOnly: true,
    retentionDays: requiredDays,
  });
  return {
    requiredDays,
    availableDays,
    // As an auditor would read it: written and parsed.
    proof: verifyPackage(
      JSON.parse(JSON.stringify(evidence)) as JsonObject,
      deps.evidenceKey.publicKey,
    ),
    sampledTraces: traces.length,
    undecided,
    agents,
    deadLetters: letters.filter((letter) => letter.project === project).length,
    decisions: decisions.length,
    backwards: countBackwards(decisions),
    hasGateway: deps.gateway !== undefined,
  };
}

const FIRST = { sort: 'last_seen', direction: 'desc', offset: 0, limit: NAMES_SHOWN } as const;

async function undecidedAgents(
  deps: ApiDeps,
  project: string,
): Promise<ReadinessFacts['undecided']> {
  const [fresh, pending] = await Promise.all(
    (['UNREVIEWED', 'PENDING_REVIEW'] as const).map((status) =>
      deps.store.agents.find(project, { status }, FIRST),
    ),
  );
  const names = [...fresh!.agents, ...pending!.agents].map(({ name }) => name);
  return { total: fresh!.total + pending!.total, names: names.slice(0, NAMES_SHOWN) };
}

/** Whole days since the earliest stored trace, `daysMax` at most: found by halving, each step one question for one row. */
async function daysStored(
  { traces, clock }: ApiDeps,
  project: string,
  daysMax: number,
): Promise<number | null> {
  const nowMs = clock.now();
  const hasOlder = async (days: number): Promise<boolean> => {
    const { rows } = await traces.findTraces(
      project,
      { toMs: nowMs - days * DAY_MS },
      { limit: 1 },
    );
    return rows.length > 0;
  };
  if (await hasOlder(daysMax)) return daysMax;
  // Traces may say that they are of the future; then they are of today.
  if (
    !(await hasOlder(0)) &&
    (await traces.findTraces(project, {}, { limit: 1 })).rows.length === 0
  ) {
    return null;
  }
  let [known, unknown] = [0, daysMax];
  while (unknown - known > 1) {
    const middle = Math.floor((known + unknown) / 2);
    if (await hasOlder(middle)) known = middle;
    else unknown = middle;
  }
  return known;
}

/** Newest first, as they are read. */
function countBackwards(decisions: readonly AuditRecord[]): number {
  return decisions.filter(({ atMs }, index) => index > 0 && atMs > decisions[index - 1]!.atMs)
    .length;
}

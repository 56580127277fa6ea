import { z } from 'zod';

import { createTraceEvidence } from '../analysis/evidence/trace-evidence.ts';
import { actorOf } from '../auth/principal.ts';
import { sha256 } from '../base/verifier.ts';
import type { AuditRecord } from '../storage/audit-log.ts';
import {
  answerOf,
  FROM_AFTER_TO,
  inOrder,
  isoTime,
  limitOf,
  nonEmptyText,
  success,
  time,
} from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { readDecisions, readTraces, SPANS_MAX, TRACES_MAX } from './evidence-reading.ts';
import { principalOf } from './route-access.ts';

const packageRequest = z
  .strictObject({
    from: time,
    to: time,
    /** Traces in which this agent took part; all when absent. */
    agent: nonEmptyText(256).optional(),
    /** `digests`: hashes in place of content. */
    content: z.enum(['included', 'digests']).default('included'),
    /** What the package states of how long records are kept. */
    retention_days: z.int().min(1).max(36_500).optional(),
  })
  .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO)
  .meta({
    id: 'EvidencePackageRequest',
    examples: [
      { from: '2026-01-01T00:00:00Z', to: '2026-04-01T00:00:00Z', agent: 'invoice-processor' },
    ],
  });

const madeAnswer = z
  .object({
    /** The beginning of the package's signature. */
    id: z.string(),
    made_at: z.string(),
    made_by: z.string(),
    from: z.string(),
    to: z.string(),
    /** Null for all. */
    agent: z.string().nullable(),
    content: z.enum(['included', 'digests']),
    traces: z.int(),
    /** Of the package as JSON without white space, which is the file that the web page saves; empty for old ones. */
    sha256: z.string(),
    characters: z.int(),
  })
  .meta({ id: 'EvidencePackageMade' });

/** Packages of evidence, which `signalbox verify --from-export` checks. */
export function evidenceRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/api/v1/evidence/packages',
    config: { access: 'governance:read' },
    schema: {
      tags: ['governance'],
      summary:
        'Makes a signed package of what agents did and who decided what, for a reviewer offline.',
      description: `Holds up to ${TRACES_MAX} traces and ${SPANS_MAX} spans; ask for a shorter time or one agent when that is exceeded. Secrets in contents are redacted.`,
      body: packageRequest,
      response: { 200: answerOf(z.record(z.string(), z.unknown())) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { from, to, agent, content, retention_days: retentionDays } = request.body;
      const period = { fromMs: from, toMs: to };
      const traces = await readTraces(deps, principal.project, { ...period, agent });
      const decisions = await readDecisions(deps, principal.project, period);
      const evidence = createTraceEvidence(traces, decisions, {
        key: deps.evidenceKey,
        version: deps.version,
        createdAt: isoTime(deps.clock.now()),
        from: isoTime(from),
        to: isoTime(to),
        agent: agent ?? null,
        digestsOnly: content === 'digests',
        retentionDays: retentionDays ?? null,
      });
      const text = JSON.stringify(evidence);
      await deps.store.auditLog.append({
        project: principal.project,
        atMs: deps.clock.now(),
        actor: actorOf(principal),
        action: PACKAGE_CREATED,
        target: { kind: 'evidence_package', id: packageIdOf(evidence) },
        reason: null,
        detail: {
          from: isoTime(from),
          to: isoTime(to),
          agent: agent ?? null,
          content,
          traces: traces.length,
          sha256: sha256(text),
          characters: text.length,
        },
      });
      return success(evidence);
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/evidence/packages',
    config: { access: 'governance:read' },
    schema: {
      tags: ['governance'],
      summary: 'Lists the packages that were made, by the audit log; newest first.',
      querystring: z.strictObject({ limit: limitOf(50, 500) }),
      response: { 200: answerOf(z.array(madeAnswer)) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { limit } = request.query;
      const found = await deps.store.auditLog.find(project, { action: PACKAGE_CREATED }, { limit });
      return success(found.map(toMade));
    },
  });
}

const PACKAGE_CREATED = 'evidence_package.created';

function toMade({ atMs, actor, target, detail }: AuditRecord): z.infer<typeof madeAnswer> {
  const textOf = (name: string): string => {
    const value = detail[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    id: target.id,
    made_at: isoTime(atMs),
    made_by: actor.name,
    from: textOf('from'),
    to: textOf('to'),
    agent: textOf('agent') || null,
    content: textOf('content') === 'digests' ? 'digests' : 'included',
    traces: Number(detail['traces'] ?? 0),
    sha256: textOf('sha256'),
    characters: Number(detail['characters'] ?? 0),
  };
}

/** A package is known by the beginning of its signature. */
export const packageIdOf = ({ signature }: { readonly signature?: unknown }): string =>
  typeof signature === 'string' ? signature.slice(0, 32) : '';

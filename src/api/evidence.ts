import { z } from 'zod';

import { createTraceEvidence } from '../analysis/evidence/trace-evidence.ts';
import type { EvidenceSpan, EvidenceTrace } from '../analysis/evidence/trace-evidence.ts';
import { actorOf } from '../auth/principal.ts';
import { AppError } from '../errors.ts';
import type { AnyValue, TraceSpan } from '../query/trace-query.ts';
import type { AuditRecord } from '../storage/audit-log.ts';
import {
  answerOf,
  FROM_AFTER_TO,
  inOrder,
  isoTime,
  nonEmptyText,
  success,
  time,
} from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

/** A package is made in memory and signed as a whole. */
const TRACES_MAX = 500;
const SPANS_MAX = 20_000;
const DECISIONS_MAX = 5_000;
const CHARACTERS_MAX = 50_000_000;
const PAGE = 500;

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
      await deps.store.auditLog.append({
        project: principal.project,
        atMs: deps.clock.now(),
        actor: actorOf(principal),
        action: 'evidence_package.created',
        target: {
          kind: 'evidence_package',
          id: idOf(evidence),
        },
        reason: null,
        detail: {
          from: isoTime(from),
          to: isoTime(to),
          agent: agent ?? null,
          content,
          traces: traces.length,
        },
      });
      return success(evidence);
    },
  });
}

/** A package is known by the beginning of its signature. */
const idOf = ({ signature }: { readonly signature?: unknown }): string =>
  typeof signature === 'string' ? signature.slice(0, 32) : '';

async function readTraces(
  deps: ApiDeps,
  project: string,
  filter: { readonly fromMs: number; readonly toMs: number; readonly agent: string | undefined },
): Promise<EvidenceTrace[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await deps.traces.findTraces(project, filter, { limit: PAGE, cursor });
    ids.push(...page.rows.map(({ traceId }) => traceId));
    cursor = page.nextCursor ?? undefined;
    if (ids.length > TRACES_MAX) throw tooMuch('traces', TRACES_MAX);
  } while (cursor !== undefined);
  const traces: EvidenceTrace[] = [];
  let [count, characters] = [0, 0];
  for (const traceId of ids) {
    const spans: EvidenceSpan[] = [];
    let next: string | undefined;
    do {
      const page = await deps.traces.getTrace(project, traceId, { limit: 1_000, cursor: next });
      const rows = (page?.rows ?? []).map(toEvidenceSpan);
      spans.push(...rows);
      for (const { attributes } of rows) {
        for (const value of Object.values(attributes)) characters += value.length;
      }
      if (characters > CHARACTERS_MAX) throw tooMuch('characters of content', CHARACTERS_MAX);
      next = page?.nextCursor ?? undefined;
      if (count + spans.length > SPANS_MAX) throw tooMuch('spans', SPANS_MAX);
    } while (next !== undefined);
    count += spans.length;
    if (spans.length > 0) traces.push({ traceId, spans });
  }
  // Oldest first, as one reads.
  return traces.reverse();
}

const tooMuch = (what: string, max: number): AppError =>
  new AppError(
    'BODY_TOO_LARGE',
    `there are more than ${max} ${what} in that time; ask for a shorter one, or for one agent`,
  );

async function readDecisions(
  deps: ApiDeps,
  project: string,
  filter: { readonly fromMs: number; readonly toMs: number },
): Promise<AuditRecord[]> {
  const found: AuditRecord[] = [];
  let beforeSequence: number | undefined;
  for (;;) {
    const page = await deps.store.auditLog.find(project, filter, { limit: PAGE, beforeSequence });
    found.push(...page);
    if (found.length > DECISIONS_MAX) throw tooMuch('decisions', DECISIONS_MAX);
    if (page.length < PAGE) return found.reverse();
    beforeSequence = page.at(-1)!.sequence;
  }
}

function toEvidenceSpan(span: TraceSpan): EvidenceSpan {
  const { genai } = span;
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    startNs: BigInt(span.startTimeUnixNano),
    endNs: BigInt(span.endTimeUnixNano),
    failed: span.status.code === 2,
    statusMessage: span.status.message,
    agent: genai?.agent ?? '',
    operation: genai?.operation ?? '',
    model: genai?.response_model ?? genai?.request_model ?? '',
    tool: genai?.tool_name ?? '',
    inputTokens: genai?.input_tokens ?? null,
    outputTokens: genai?.output_tokens ?? null,
    attributes: Object.fromEntries(span.attributes.map(({ key, value }) => [key, textOf(value)])),
  };
}

function textOf(value: AnyValue): string {
  const { boolValue, doubleValue, intValue, stringValue } = value;
  const scalar = stringValue ?? intValue ?? doubleValue ?? boolValue;
  return scalar === undefined ? JSON.stringify(value) : String(scalar);
}

import type { EvidenceSpan, EvidenceTrace } from '../analysis/evidence/trace-evidence.ts';
import { AppError } from '../errors.ts';
import type { AnyValue, TraceSpan } from '../query/trace-query.ts';
import type { AuditRecord } from '../storage/audit-log.ts';
import type { ApiDeps } from './api-deps.ts';

/** A package is made in memory and signed as a whole. */
export const TRACES_MAX = 500;
export const SPANS_MAX = 20_000;
const DECISIONS_MAX = 5_000;
const CHARACTERS_MAX = 50_000_000;
const PAGE = 500;

/** The traces of the period with their spans, oldest first. Throws `BODY_TOO_LARGE` when there are too many. */
export async function readTraces(
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

/** Traces and spans of each that are taken to see whether a package can be made. */
const SAMPLE = { traces: 20, spans: 200 } as const;

/** The newest traces, with their first spans. */
export async function readSample(deps: ApiDeps, project: string): Promise<EvidenceTrace[]> {
  const { rows } = await deps.traces.findTraces(project, {}, { limit: SAMPLE.traces });
  const traces = await Promise.all(
    rows.map(async ({ traceId }) => {
      const page = await deps.traces.getTrace(project, traceId, { limit: SAMPLE.spans });
      return { traceId, spans: (page?.rows ?? []).map(toEvidenceSpan) };
    }),
  );
  return traces.filter(({ spans }) => spans.length > 0);
}

const tooMuch = (what: string, max: number): AppError =>
  new AppError(
    'BODY_TOO_LARGE',
    `there are more than ${max} ${what} in that time; ask for a shorter one, or for one agent`,
  );

/** The log of decisions of the period, oldest first. Throws `BODY_TOO_LARGE`. */
export async function readDecisions(
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

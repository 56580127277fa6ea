import { sealChain, signPackage } from '../../base/hash-chain.ts';
import type { UnchainedEvent } from '../../base/hash-chain.ts';
import type { SigningKey } from '../../base/signing-key.ts';
import type { Json, JsonObject } from '../../base/verifier.ts';
import { redactText } from '../../model/secrets.ts';
import type { AuditRecord } from '../../storage/audit-log.ts';

/**
 * Evidence of what agents did, from stored traces and the log of decisions, in the form of the packages of recorded
 * sessions, so that one verifier checks both. The chain is made with the package: it proves that nothing was changed
 * since, as the signature over the whole does, and lets content be left out without losing the proof of the rest.
 */

/** A span as a reviewer sees it. */
export interface EvidenceSpan {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly failed: boolean;
  readonly statusMessage: string;
  readonly agent: string;
  readonly operation: string;
  readonly model: string;
  readonly tool: string;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** Attribute → value as text. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface EvidenceTrace {
  readonly traceId: string;
  readonly spans: readonly EvidenceSpan[];
}

export interface TraceEvidenceOptions {
  readonly key: SigningKey;
  readonly version: string;
  readonly createdAt: string;
  readonly from: string;
  readonly to: string;
  /** Null for all. */
  readonly agent: string | null;
  /** Hashes in place of content, which can then be erased where it is kept. */
  readonly digestsOnly: boolean;
  readonly retentionDays: number | null;
}

const SUMMARY_MAX = 240;

const STATEMENT =
  'This file shows what was stored when it was made and that it was not changed since. It is evidence for record-keeping and transparency, not a declaration of conformity, and the regulation asks for more than logs.';

export function createTraceEvidence(
  traces: readonly EvidenceTrace[],
  decisions: readonly AuditRecord[],
  options: TraceEvidenceOptions,
): JsonObject {
  const sessions = traces.map((trace) => traceSession(trace, options));
  const log = decisionSession(decisions, options);
  const content: JsonObject = {
    compliance_metadata: {
      regulation: 'EU AI Act (Regulation (EU) 2024/1689)',
      articles_covered: ['Article 12', 'Article 13'],
      export_tool: 'signalbox',
      export_version: options.version,
      exported_at: options.createdAt,
      period: { from: options.from, to: options.to },
      agent: options.agent,
      // The chains were made just now.
      tamper_evident: true,
      content: options.digestsOnly ? 'digests' : 'included',
      session_count: sessions.length,
      statement: STATEMENT,
    },
    human_oversight_points: decisions.map((record) => ({
      timestamp: new Date(record.atMs).toISOString(),
      type: record.action,
      by: options.digestsOnly ? record.actor.kind : record.actor.name,
      subject: `${record.target.kind} ${record.target.id}`,
      detail: options.digestsOnly ? null : record.reason,
    })),
    sessions: [...sessions, log],
    public_key: options.key.publicKey,
  };
  return signPackage(options.key, content);
}

function traceSession(
  { traceId, spans }: EvidenceTrace,
  options: TraceEvidenceOptions,
): JsonObject {
  const agents = distinct(spans.map(({ agent }) => agent));
  const first = spans[0]!;
  const endNs = spans.reduce((last, { endNs: end }) => (end > last ? end : last), first.endNs);
  const sealed = sealChain(
    options.key,
    { format: 1, kind: 'trace', session_id: traceId },
    spans.map(eventOf),
  );
  const failed = spans.filter((span) => span.failed);
  return {
    session_id: traceId,
    session_start: isoOf(first.startNs),
    session_end: isoOf(endNs),
    agent_name: agents.join(', '),
    article_12: {
      system_id: agents.join(', '),
      generation_timestamp: options.createdAt,
      trace_integrity: {
        hash_chain_valid: true,
        root_hash: sealed.head.hash,
        event_count: sealed.head.count,
        verification_command: 'signalbox verify --from-export FILE',
      },
      events: sealed.records.map((record, index) =>
        entryOf(record, spans[index]!, options.digestsOnly),
      ),
      retention_period_days: options.retentionDays,
    },
    article_13: {
      capabilities_summary: {
        // Telemetry tells which tools were called, not which could have been.
        tools_available: null,
        tools_used: distinct(spans.map(({ tool }) => tool)),
        models_used: distinct(spans.map(({ model }) => model)),
      },
      limitations: { errors_encountered: failed.length },
    },
    integrity: integrityOf(sealed, options.digestsOnly),
  };
}

/** Reviews, approvals, grants and settings: who decided what, in the order of the log. */
function decisionSession(
  decisions: readonly AuditRecord[],
  options: TraceEvidenceOptions,
): JsonObject {
  const sessionId = 'decisions';
  const events = decisions.map((record): UnchainedEvent => {
    const { actor, action, atMs, detail, reason, sequence, target } = record;
    return {
      type: 'decision',
      id: String(sequence),
      parentId: '',
      timeNs: BigInt(atMs) * 1_000_000n,
      data: wellFormed({
        action,
        actor: { ...actor },
        target: { ...target },
        reason,
        detail,
      }),
    };
  });
  const sealed = sealChain(
    options.key,
    { format: 1, kind: 'decisions', session_id: sessionId },
    events,
  );
  return {
    session_id: sessionId,
    agent_name: '',
    integrity: integrityOf(sealed, options.digestsOnly),
  };
}

function integrityOf(
  { genesis, head, records }: ReturnType<typeof sealChain>,
  digestsOnly: boolean,
): JsonObject {
  const shown = records.map((record) => {
    const { data: _data, ...bound } = record;
    return digestsOnly ? bound : record;
  });
  return { genesis, head: { ...head }, records: shown };
}

const TYPE: Readonly<Record<string, string>> = {
  chat: 'llm_response',
  generate_content: 'llm_response',
  text_completion: 'llm_response',
  embeddings: 'llm_response',
  execute_tool: 'tool_call',
  invoke_agent: 'agent_run',
};

function eventOf(span: EvidenceSpan): UnchainedEvent {
  return {
    type: TYPE[span.operation] ?? 'span',
    id: span.spanId,
    parentId: span.parentSpanId,
    timeNs: span.startNs,
    durationMs: Number(span.endNs - span.startNs) / 1e6,
    data: wellFormed({
      name: span.name,
      operation: span.operation,
      agent: span.agent,
      model: span.model,
      tool_name: span.tool,
      input_tokens: span.inputTokens,
      output_tokens: span.outputTokens,
      failed: span.failed,
      status_message: span.statusMessage,
      // Senders redact or do not; what leaves the house is looked through.
      attributes: Object.fromEntries(
        Object.entries(span.attributes).map(([name, value]) => [name, redactText(value)]),
      ),
    }),
  };
}

/** What was read from the store may hold halves of characters, which no JSON file can. */
const wellFormed = (value: JsonObject): JsonObject =>
  JSON.parse(JSON.stringify(value), (_key, item: unknown) =>
    typeof item === 'string' ? item.replaceAll(/\p{Cs}/gu, '\uFFFD') : item,
  ) as JsonObject;

function entryOf(record: JsonObject, span: EvidenceSpan, digestsOnly: boolean): JsonObject {
  const input =
    span.attributes['gen_ai.tool.call.arguments'] ?? span.attributes['gen_ai.input.messages'] ?? '';
  const output =
    span.attributes['gen_ai.tool.call.result'] ?? span.attributes['gen_ai.output.messages'] ?? '';
  const shown = (text: string): string | null => {
    if (text === '') return null;
    return digestsOnly
      ? `sha256 of the data: ${asText(record['data_hash'])}`
      : redactText(text.slice(0, SUMMARY_MAX));
  };
  return {
    seq: record['seq']!,
    timestamp: isoOf(span.startNs),
    event_type: record['event_type']!,
    event_id: span.spanId,
    tool_name: span.tool === '' ? null : span.tool,
    input_summary: shown(input),
    output_summary: shown(output),
    duration_ms: record['duration_ms'] ?? null,
    prev_hash: record['prev_hash']!,
    line_hash: record['hash']!,
  };
}

const asText = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

const distinct = (names: readonly string[]): string[] =>
  [...new Set(names.filter((name) => name !== ''))].sort();

function isoOf(ns: bigint): string {
  const digits = String(ns % 1_000_000_000n).padStart(9, '0');
  return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19)}.${digits}Z`;
}

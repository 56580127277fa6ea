import { GENAI_FLAG } from '../../src/model/genai-columns.ts';
import type { RunSpan } from '../../src/storage/run-store.ts';

/** 2026-11-20 12:00 UTC. */
export const NOON_S = Date.UTC(2026, 10, 20, 12) / 1000;
const NOON_NS = BigInt(NOON_S) * 1_000_000_000n;

/** What a test says of a span; times in milliseconds from noon, attributes as a record. */
export interface SpanFacts extends Partial<Omit<RunSpan, 'startNs' | 'durationNs'>> {
  readonly startMs?: number;
  readonly durationMs?: number;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A span of the service `svc`, ten milliseconds long. */
export function runSpan(spanId: string, facts: SpanFacts = {}): RunSpan {
  const { startMs = 0, durationMs = 10, attributes = {}, ...rest } = facts;
  const service = rest.service ?? 'svc';
  return {
    traceId: 'a'.repeat(32),
    parentSpanId: '',
    receivedS: NOON_S,
    name: 'step',
    kind: 1,
    remoteParent: false,
    statusCode: 0,
    statusMessage: '',
    service,
    resourceId: '',
    scopeName: 'scope',
    // What the view gives where no attribute names an agent.
    agent: service,
    operation: '',
    requestModel: '',
    responseModel: '',
    provider: '',
    framework: '',
    toolName: '',
    toolCallId: '',
    conversation: '',
    user: '',
    errorType: '',
    inputTokens: null,
    outputTokens: null,
    cacheReadTokens: null,
    cacheWriteTokens: null,
    cacheWrite1hTokens: null,
    reasoningTokens: null,
    reportedCost: null,
    flags: 0,
    serviceTier: '',
    events: '',
    ...rest,
    spanId,
    startNs: NOON_NS + BigInt(Math.round(startMs * 1e6)),
    durationNs: BigInt(Math.round(durationMs * 1e6)),
    keys: Object.keys(attributes),
    values: Object.values(attributes),
  };
}

export const agent = (
  spanId: string,
  parent: string,
  name: string,
  facts: SpanFacts = {},
): RunSpan =>
  runSpan(spanId, {
    parentSpanId: parent,
    name: `invoke_agent ${name}`,
    operation: 'invoke_agent',
    agent: name,
    flags: GENAI_FLAG.runRoot | GENAI_FLAG.aggregate,
    ...facts,
  });

export const chat = (spanId: string, parent: string, facts: SpanFacts = {}): RunSpan =>
  runSpan(spanId, {
    parentSpanId: parent,
    name: 'chat m',
    operation: 'chat',
    requestModel: 'm',
    inputTokens: 100,
    outputTokens: 10,
    flags: GENAI_FLAG.modelCall,
    ...facts,
  });

export const tool = (
  spanId: string,
  parent: string,
  name: string,
  facts: SpanFacts = {},
): RunSpan =>
  runSpan(spanId, {
    parentSpanId: parent,
    name: `execute_tool ${name}`,
    operation: 'execute_tool',
    toolName: name,
    ...facts,
  });

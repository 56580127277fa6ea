import type {
  ModelCall,
  Run,
  RunContent,
  RunDetail,
  RunTokens,
  RunToolCall,
} from '../../src/model/run.ts';

/** 2026-11-20 12:00 UTC. */
export const NOON_NS = BigInt(Date.UTC(2026, 10, 20, 12)) * 1_000_000n;
export const TRACE_ID = 'a'.repeat(32);
export const RUN_ID = 'b'.repeat(16);

export const NO_TOKENS: RunTokens = {
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite: null,
  reasoning: null,
};

const RUN: Run = {
  project: 'default',
  traceId: TRACE_ID,
  runId: RUN_ID,
  parentRunId: '',
  agent: 'assistant',
  agentVersion: '',
  name: 'invoke_agent assistant',
  service: 'assistant',
  framework: '',
  implied: false,
  status: 'ok',
  errorType: '',
  errorMessage: '',
  receivedMs: Date.UTC(2026, 10, 20, 12),
  startNs: NOON_NS,
  durationNs: 1_500_000_000n,
  spanCount: 3,
  errorCount: 0,
  modelCalls: 1,
  toolCalls: 0,
  retries: 0,
  loopLength: 0,
  tokens: NO_TOKENS,
  callsWithoutTokens: 0,
  callsEstimated: 0,
  callsInvalid: 0,
  cost: null,
  callsUnpriced: 0,
  conversation: '',
  user: '',
  models: ['gpt-5-mini'],
  tools: {},
  truncated: false,
};

/** A run as the analysis hands it over: `run` overrides its fields, texts become its input and output. */
export function runDetailOf(
  parts: {
    readonly run?: Partial<Run>;
    readonly modelCalls?: readonly ModelCall[];
    readonly toolCalls?: readonly RunToolCall[];
    readonly input?: string | null;
    readonly output?: string | null;
    readonly truncated?: boolean;
  } = {},
): RunDetail {
  const { toolCalls = [], modelCalls = [], truncated = false } = parts;
  const content = (text: string | null, spanId: string): RunContent | null =>
    text === null ? null : { spanId, text, truncated };
  return {
    run: { ...RUN, toolCalls: toolCalls.length, ...parts.run },
    modelCalls,
    toolCalls,
    input: content(parts.input === undefined ? 'What is the weather?' : parts.input, RUN_ID),
    output: content(parts.output === undefined ? 'It is sunny.' : parts.output, 'c'.repeat(16)),
  };
}

export function toolCallOf(rest: Partial<RunToolCall> = {}): RunToolCall {
  return {
    spanId: 'd'.repeat(16),
    name: 'search',
    callId: '',
    startNs: NOON_NS,
    durationNs: 1_000_000n,
    failed: false,
    errorType: '',
    argumentsText: '{"q":"weather"}',
    resultText: '{"answer":"sunny"}',
    ...rest,
  };
}

export function modelCallOf(rest: Partial<ModelCall> = {}): ModelCall {
  return {
    project: 'default',
    traceId: TRACE_ID,
    spanId: 'e'.repeat(16),
    runId: RUN_ID,
    agent: 'assistant',
    origin: 'span',
    operation: 'chat',
    provider: 'openai',
    model: 'gpt-5-mini',
    requestModel: 'gpt-5-mini',
    startNs: NOON_NS,
    durationNs: 1_000_000n,
    failed: false,
    tokens: NO_TOKENS,
    estimated: false,
    invalid: false,
    cost: { amount: null, source: '', priceVersion: '', missing: 'no_tokens' },
    conversation: '',
    user: '',
    ...rest,
  };
}

import { z } from 'zod';

import { toDollars } from '../model/money.ts';
import type { ModelCall, Run, RunContent, RunTokens, RunToolCall } from '../model/run.ts';
import { CALL_ORIGINS, COST_SOURCES, RUN_STATUSES } from '../model/run.ts';
import { isoTime } from './answer.ts';

/** Runs and calls as the API answers them. */

export const tokensAnswer = z
  .object({
    /** All input, cached parts included; null where no call reported it. */
    input: z.number().nullable(),
    /** All output, reasoning included. */
    output: z.number().nullable(),
    cache_read: z.number().nullable(),
    cache_write: z.number().nullable(),
    reasoning: z.number().nullable(),
  })
  .meta({ id: 'RunTokens' });

export const runAnswer = z
  .object({
    run_id: z.string(),
    trace_id: z.string(),
    /** Null for a run that no other run started. */
    parent_run_id: z.string().nullable(),
    agent: z.string().nullable(),
    /** Of the agent as observed: a hash over its model, tools, instructions and framework. */
    agent_version: z.string().nullable(),
    name: z.string().nullable(),
    service: z.string().nullable(),
    framework: z.string().nullable(),
    /** No span says that it is the root of a run; there are calls outside of any. */
    implied: z.boolean(),
    status: z.enum(RUN_STATUSES),
    error_type: z.string().nullable(),
    error_message: z.string().nullable(),
    received: z.string(),
    start: z.string(),
    start_unix_nano: z.string(),
    /** Null while the run has no end. */
    duration_ms: z.number().nullable(),
    span_count: z.int(),
    error_count: z.int(),
    model_calls: z.int(),
    tool_calls: z.int(),
    retries: z.int(),
    loop_length: z.int(),
    tokens: tokensAnswer,
    calls_without_tokens: z.int(),
    calls_estimated: z.int(),
    calls_invalid: z.int(),
    calls_unpriced: z.int(),
    /** Null when there are calls and none has a price. */
    cost_usd: z.number().nullable(),
    conversation: z.string().nullable(),
    user: z.string().nullable(),
    models: z.array(z.string()).readonly(),
    tools: z.record(z.string(), z.int()).readonly(),
    /** The trace has more spans than are looked at. */
    truncated: z.boolean(),
  })
  .meta({
    id: 'Run',
    examples: [
      {
        run_id: '5fb397be34d26b51',
        trace_id: '5b8efff798038103d269b633813fc60c',
        parent_run_id: null,
        agent: 'invoice-processor',
        agent_version: '9f86d081884c7d65',
        name: 'invoke_agent invoice-processor',
        service: 'invoice-processor',
        framework: 'langgraph',
        implied: false,
        status: 'ok',
        error_type: null,
        error_message: null,
        received: '2026-11-20T12:00:03.000Z',
        start: '2026-11-20T12:00:00.250Z',
        start_unix_nano: '1763640000250000000',
        duration_ms: 2410.5,
        span_count: 5,
        error_count: 0,
        model_calls: 2,
        tool_calls: 1,
        retries: 0,
        loop_length: 1,
        tokens: { input: 4200, output: 310, cache_read: 3000, cache_write: null, reasoning: null },
        calls_without_tokens: 0,
        calls_estimated: 0,
        calls_invalid: 0,
        calls_unpriced: 0,
        cost_usd: 0.0061,
        conversation: null,
        user: null,
        models: ['gpt-4.1'],
        tools: { lookup_vendor: 1 },
        truncated: false,
      },
    ],
  });

export const callAnswer = z
  .object({
    span_id: z.string(),
    run_id: z.string(),
    origin: z.enum(CALL_ORIGINS),
    operation: z.string().nullable(),
    provider: z.string().nullable(),
    /** The answered model, else the requested one. */
    model: z.string().nullable(),
    request_model: z.string().nullable(),
    start: z.string(),
    start_unix_nano: z.string(),
    duration_ms: z.number(),
    failed: z.boolean(),
    tokens: tokensAnswer,
    /** The counts are the instrumentation's guess. */
    estimated: z.boolean(),
    /** Counts were sent that cannot be; they add nothing. */
    invalid: z.boolean(),
    cost_usd: z.number().nullable(),
    cost_source: z.enum(COST_SOURCES),
    price_version: z.string(),
    /** Why there is no cost; '' with one. */
    cost_missing: z.string(),
  })
  .meta({
    id: 'ModelCall',
    examples: [
      {
        span_id: '7c1b2f6a90d34e58',
        run_id: '5fb397be34d26b51',
        origin: 'span',
        operation: 'chat',
        provider: 'openai',
        model: 'gpt-4.1-2025-04-14',
        request_model: 'gpt-4.1',
        start: '2026-11-20T12:00:00.300Z',
        start_unix_nano: '1763640000300000000',
        duration_ms: 1180.2,
        failed: false,
        tokens: { input: 2100, output: 150, cache_read: 1500, cache_write: null, reasoning: null },
        estimated: false,
        invalid: false,
        cost_usd: 0.00315,
        cost_source: 'library',
        price_version: 'library@0.1.8',
        cost_missing: '',
      },
    ],
  });

export const toolCallAnswer = z
  .object({
    span_id: z.string(),
    name: z.string().nullable(),
    call_id: z.string().nullable(),
    start: z.string(),
    start_unix_nano: z.string(),
    duration_ms: z.number(),
    failed: z.boolean(),
    error_type: z.string().nullable(),
    /** Null where it was not captured. */
    arguments: z.string().nullable(),
    result: z.string().nullable(),
  })
  .meta({ id: 'ToolCall' });

export const contentAnswer = z
  .object({
    span_id: z.string(),
    text: z.string(),
    truncated: z.boolean(),
  })
  .meta({ id: 'RunContent' });

const NS_PER_MS = 1e6;

export function toRunAnswer(run: Run): z.infer<typeof runAnswer> {
  return {
    run_id: run.runId,
    trace_id: run.traceId,
    parent_run_id: known(run.parentRunId),
    agent: known(run.agent),
    agent_version: known(run.agentVersion),
    name: known(run.name),
    service: known(run.service),
    framework: known(run.framework),
    implied: run.implied,
    status: run.status,
    error_type: known(run.errorType),
    error_message: known(run.errorMessage),
    received: isoTime(run.receivedMs),
    ...startOf(run.startNs),
    duration_ms: run.durationNs === null ? null : Number(run.durationNs) / NS_PER_MS,
    span_count: run.spanCount,
    error_count: run.errorCount,
    model_calls: run.modelCalls,
    tool_calls: run.toolCalls,
    retries: run.retries,
    loop_length: run.loopLength,
    tokens: toTokensAnswer(run.tokens),
    calls_without_tokens: run.callsWithoutTokens,
    calls_estimated: run.callsEstimated,
    calls_invalid: run.callsInvalid,
    calls_unpriced: run.callsUnpriced,
    cost_usd: run.cost === null ? null : toDollars(run.cost),
    conversation: known(run.conversation),
    user: known(run.user),
    models: run.models,
    tools: run.tools,
    truncated: run.truncated,
  };
}

export function toCallAnswer(call: ModelCall): z.infer<typeof callAnswer> {
  const { cost } = call;
  return {
    span_id: call.spanId,
    run_id: call.runId,
    origin: call.origin,
    operation: known(call.operation),
    provider: known(call.provider),
    model: known(call.model),
    request_model: known(call.requestModel),
    ...startOf(call.startNs),
    duration_ms: Number(call.durationNs) / NS_PER_MS,
    failed: call.failed,
    tokens: toTokensAnswer(call.tokens),
    estimated: call.estimated,
    invalid: call.invalid,
    cost_usd: cost.amount === null ? null : toDollars(cost.amount),
    cost_source: cost.source,
    price_version: cost.priceVersion,
    cost_missing: cost.missing,
  };
}

export function toToolCallAnswer(call: RunToolCall): z.infer<typeof toolCallAnswer> {
  return {
    span_id: call.spanId,
    name: known(call.name),
    call_id: known(call.callId),
    ...startOf(call.startNs),
    duration_ms: Number(call.durationNs) / NS_PER_MS,
    failed: call.failed,
    error_type: known(call.errorType),
    arguments: call.argumentsText,
    result: call.resultText,
  };
}

export function toContentAnswer(content: RunContent | null): z.infer<typeof contentAnswer> | null {
  if (content === null) return null;
  return { span_id: content.spanId, text: content.text, truncated: content.truncated };
}

export function toTokensAnswer(tokens: RunTokens): z.infer<typeof tokensAnswer> {
  return {
    input: tokens.input,
    output: tokens.output,
    cache_read: tokens.cacheRead,
    cache_write: tokens.cacheWrite,
    reasoning: tokens.reasoning,
  };
}

/** The greatest time that a date can hold; what a sender's clock says beyond is told in nanoseconds alone. */
const DATE_MS_MAX = 8.64e15;

function startOf(startNs: bigint): { start: string; start_unix_nano: string } {
  const ms = Math.min(Number(startNs / 1_000_000n), DATE_MS_MAX);
  return { start: isoTime(ms), start_unix_nano: String(startNs) };
}

function known(text: string): string | null {
  return text === '' ? null : text;
}

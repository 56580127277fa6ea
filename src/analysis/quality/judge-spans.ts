import { createHash } from 'node:crypto';

import type { OutgoingSpan, SpanBatch } from '../../model/outgoing-telemetry.ts';
import { SPAN_KIND, SPAN_STATUS } from '../../model/outgoing-telemetry.ts';
import type { RunDetail } from '../../model/run.ts';
import type { JudgeAnswer } from './judge-client.ts';
import { JUDGE_AGENT } from './quality-analysis.ts';

const NS_PER_MS = 1_000_000n;

/**
 * The judge's own call as a run of its agent, without the texts that it saw. Ids follow from the run that was judged,
 * so that the same call sent twice is one.
 */
export function judgeSpans(call: {
  readonly detail: RunDetail;
  readonly answer: JudgeAnswer;
  /** As asked for. */
  readonly model: string;
  readonly startMs: number;
  readonly endMs: number;
}): SpanBatch {
  const { run } = call.detail;
  const { answer, model } = call;
  const digest = createHash('sha256')
    .update(`judge of ${run.project}/${run.traceId}/${run.runId} at ${call.startMs}`)
    .digest('hex');
  const [startNs, endNs] = [BigInt(call.startMs) * NS_PER_MS, BigInt(call.endMs) * NS_PER_MS];
  const status =
    answer.errorType === ''
      ? { code: SPAN_STATUS.unset }
      : { code: SPAN_STATUS.error, message: answer.judgements[0]?.reason };
  const error = answer.errorType === '' ? undefined : answer.errorType;
  const about = {
    traceId: digest.slice(0, 32),
    startNs,
    endNs,
    events: [],
    status,
  };
  const root: OutgoingSpan = {
    ...about,
    spanId: digest.slice(32, 48),
    parentSpanId: '',
    name: `invoke_agent ${JUDGE_AGENT}`,
    kind: SPAN_KIND.internal,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': JUDGE_AGENT,
      'error.type': error,
      'signalbox.judged.trace_id': run.traceId,
      'signalbox.judged.run_id': run.runId,
      'signalbox.judged.agent': run.agent,
    },
  };
  const chat: OutgoingSpan = {
    ...about,
    spanId: digest.slice(48, 64),
    parentSpanId: root.spanId,
    name: `chat ${model}`,
    kind: SPAN_KIND.client,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.agent.name': JUDGE_AGENT,
      'gen_ai.request.model': model,
      'gen_ai.response.model': answer.model,
      'gen_ai.usage.input_tokens': answer.inputTokens ?? undefined,
      'gen_ai.usage.output_tokens': answer.outputTokens ?? undefined,
      'error.type': error,
    },
  };
  return {
    origin: {
      resource: { 'service.name': JUDGE_AGENT },
      scope: { name: 'signalbox', version: '' },
    },
    spans: [root, chat],
  };
}

import { groupBy } from '../../base/group-by.ts';
import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { ModelCall } from '../../model/run.ts';
import type { AccountedCall } from '../../model/told-calls.ts';
import { toldTwice } from '../../model/told-calls.ts';
import { DIALECTS } from '../../semconv/dialects.ts';
import type { RunSpan, RunStore } from '../../storage/run-store.ts';
import { isPrompt, placeTold } from './place-told.ts';
import type { ReadTrace } from './read-traces.ts';
import { attributeFor } from './span-content.ts';
import { isTold } from './trace-calls.ts';

/** How far from a record the span of the same call may have begun: longer than any call takes. */
const AROUND_MS = 3_600_000;

/** Programs that tell of one call by spans and by log records, in traces that know nothing of each other. */
const TELLING: ReadonlySet<string> = new Set(
  DIALECTS.flatMap(({ events, framework }) =>
    events === undefined || framework === undefined ? [] : [framework],
  ),
);

/** Whether log records may tell of what the span tells of. */
export function mayBeToldToo(span: RunSpan): boolean {
  return TELLING.has(span.framework) && !isTold(span);
}

/**
 * The spans of each trace without what log records tell of calls of which spans of the same conversation tell in
 * another trace. Where all calls that follow from a prompt are told of there, nothing of it is left here.
 */
export async function withoutToldElsewhere(
  store: Pick<RunStore, 'findConversationCalls'>,
  project: string,
  reads: ReadonlyMap<string, ReadTrace>,
): Promise<ReadonlyMap<string, ReadTrace>> {
  const told = [...reads.values()].flatMap(({ spans }) =>
    spans.some(isToldCall) ? [...eachOnce(spans.filter(isToldCall))] : [],
  );
  if (told.length === 0) return reads;
  const conversations = [...new Set(told.map(({ conversation }) => conversation))];
  const starts = told.map(({ startNs }) => Number(startNs / 1_000_000n));
  const window = { fromMs: Math.min(...starts) - AROUND_MS, toMs: Math.max(...starts) + AROUND_MS };
  const calls = await store.findConversationCalls(project, conversations, window);
  if (calls.length === 0) return reads;
  const byConversation = groupBy(calls, ({ conversation }) => conversation);
  const twice = new Set<RunSpan>();
  for (const [conversation, own] of groupBy(told, (span) => span.conversation)) {
    const spans = (byConversation.get(conversation) ?? []).map(toAccount);
    const accounts = own.map(accountOf);
    for (const { span } of toldTwice(accounts, spans)) twice.add(span);
  }
  if (twice.size === 0) return reads;
  return new Map([...reads].map(([id, read]) => [id, { ...read, spans: left(read.spans, twice) }]));
}

/** A record that was sent twice is stored twice: one span answers for both. */
function eachOnce(spans: readonly RunSpan[]): Iterable<RunSpan> {
  return new Map(spans.map((span) => [span.spanId, span])).values();
}

function isToldCall(span: RunSpan): boolean {
  return isTold(span) && span.conversation !== '' && (span.flags & GENAI_FLAG.modelCall) !== 0;
}

function accountOf(span: RunSpan): AccountedCall & { readonly span: RunSpan } {
  const { requestModel, responseModel, inputTokens, outputTokens, startNs, durationNs } = span;
  const invalid = (span.flags & GENAI_FLAG.tokensInvalid) !== 0;
  return {
    span,
    requestModel,
    responseModel,
    inputTokens,
    outputTokens,
    invalid,
    responseId: attributeFor(span, 'responseId') ?? '',
    startNs,
    durationNs,
  };
}

function toAccount({ model, requestModel, tokens, ...call }: ModelCall): AccountedCall {
  const { invalid, startNs, durationNs } = call;
  const { input, output } = tokens;
  return {
    requestModel,
    responseModel: model,
    inputTokens: input,
    outputTokens: output,
    invalid,
    // Is not kept with a call.
    responseId: '',
    startNs,
    durationNs,
  };
}

function left(spans: readonly RunSpan[], found: ReadonlySet<RunSpan>): RunSpan[] {
  const twice = new Set(spans.filter((span) => found.has(span)).map(({ spanId }) => spanId));
  const isTwice = (span: RunSpan): boolean => isToldCall(span) && twice.has(span.spanId);
  const byPrompt = new Map<string, { calls: number; twice: number }>();
  const parents = placeTold(spans);
  const prompts = spans.map((span) =>
    isPrompt(span) ? span.spanId : (parents.get(span) ?? span.parentSpanId),
  );
  for (const [index, span] of spans.entries()) {
    if (!isToldCall(span)) continue;
    const count = byPrompt.get(prompts[index]!) ?? { calls: 0, twice: 0 };
    byPrompt.set(prompts[index]!, count);
    count.calls++;
    if (isTwice(span)) count.twice++;
  }
  return spans.filter((span, index) => {
    if (!isTold(span)) return true;
    const count = byPrompt.get(prompts[index]!);
    return !isTwice(span) && (count === undefined || count.twice < count.calls);
  });
}

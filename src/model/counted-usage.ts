import type { Turns } from '../base/turns.ts';
import { atOnce } from '../base/turns.ts';
import { cutCycles } from './cut-cycles.ts';
import { toldTwice } from './told-calls.ts';

/** Attributes with the provider's id of the answer; the earlier is believed. */
export const ANSWER_ID_KEYS = ['gen_ai.response.id', 'ai.response.id', 'llm.response.id'] as const;

/** A span that may be a call of a model, or repeat one. Ids in any notation, unique within the trace. */
export interface UsageSpan {
  readonly spanId: string;
  /** '' for a root. */
  readonly parentSpanId: string;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** Of them, those that are told apart as cached or reasoning. */
  readonly partTokens: number;
  /** The span is a call of a model by its kind; else it is one around calls, whose usage is a sum. */
  readonly modelCall: boolean;
  /** A count was sent that cannot be one: none of the span's counts is believed. */
  readonly invalid: boolean;
  /** No span was sent: a log record told of it. */
  readonly told: boolean;
  readonly scopeName: string;
  readonly requestModel: string;
  readonly responseModel: string;
  /** The provider's id of the answer, or ''. */
  readonly responseId: string;
  readonly startNs: bigint;
  readonly durationNs: bigint;
}

/** Null where no call that counts says. */
export interface CountedUsage {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

/**
 * The spans that stand for the trace's calls of models, one for each call, however many spans tell of it:
 *
 * - A span's usage counts unless a span below it, however deep, reports usage too: wrappers, agents and double
 *   instrumentation repeat what the call below them said.
 * - A model call without usage counts when no model call is below it, unless the call around it reports usage
 *   (one call, told of twice), or a sum is above it that counts and can be of this call alone.
 * - Spans side by side are one call when they have the provider's id of the answer in common and agree, in the counts,
 *   too, unless they come from different instrumentations at the same time; or when they come from different
 *   instrumentations, overlap under one parent and agree in model and counts.
 * - What a log record tells of counts where no span tells of the same call.
 *
 * `all` are those that are model calls by kind or report usage; `parentOf` names the parents of those between,
 * of which those that are the parent of none may be left out.
 */
export function countCalls<Span extends UsageSpan>(
  all: readonly Span[],
  parentOf: ReadonlyMap<string, string>,
): Span[] {
  return atOnce(countCallsInTurns(all, parentOf));
}

/** The same in steps, for traces of any size. */
export function* countCallsInTurns<Span extends UsageSpan>(
  all: readonly Span[],
  parentOf: ReadonlyMap<string, string>,
): Turns<Span[]> {
  return yield* countCallsAbove(all, (spans) => nearestAbove(spans, parentOf));
}

/**
 * The same for who knows their tree: `nearest` gives for each of the spans the id of the nearest of them above it, ''
 * when there is none.
 */
export function* countCallsAbove<Span extends UsageSpan>(
  all: readonly Span[],
  nearest: (spans: readonly Span[]) => Turns<ReadonlyMap<string, string>>,
): Turns<Span[]> {
  const spans = withoutToldTwice(all);
  const above = yield* nearest(spans);
  const usageBelow = marked(above, spans.filter(hasUsage));
  yield;
  // Mostly all of them report usage, and no more has to be known.
  if (spans.every(hasUsage))
    return mergeSideBySide(spans.filter(({ spanId }) => !usageBelow.has(spanId)));
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const callBelow = marked(
    above,
    spans.filter((span) => span.modelCall),
  );
  yield;
  const counts = (span: Span): boolean => hasUsage(span) && !usageBelow.has(span.spanId);
  const bare = spans.filter(
    (span) =>
      !hasUsage(span) &&
      isBare(span) &&
      !usageBelow.has(span.spanId) &&
      !callBelow.has(span.spanId),
  );
  const told = bareToldAbove(bare, above, byId, counts);
  yield;
  return mergeSideBySide(spans.filter(counts).concat(bare.filter((span) => !told.has(span))));
}

function withoutToldTwice<Span extends UsageSpan>(spans: readonly Span[]): readonly Span[] {
  const told = spans.filter((span) => span.told);
  if (told.length === 0) return spans;
  const twice = toldTwice(
    told,
    spans.filter((span) => !span.told && span.modelCall),
  );
  return spans.filter((span) => !twice.has(span));
}

/** The same for spans of which none is above another. */
export function countSideBySide<Span extends UsageSpan>(all: readonly Span[]): Span[] {
  const spans = withoutToldTwice(all);
  return mergeSideBySide(
    spans.filter(hasUsage).concat(spans.filter((span) => !hasUsage(span) && isBare(span))),
  );
}

/** The tokens of a trace, each call once. */
export function countUsage(
  spans: readonly UsageSpan[],
  parentOf: ReadonlyMap<string, string>,
): CountedUsage {
  const calls = countCalls(spans, parentOf).filter(hasUsage);
  return {
    inputTokens: sumCounts(calls.map(({ inputTokens }) => inputTokens)),
    outputTokens: sumCounts(calls.map(({ outputTokens }) => outputTokens)),
  };
}

/** Null when no count is known. */
export function sumCounts(counts: Iterable<number | null>): number | null {
  let total: number | null = null;
  for (const count of counts) if (count !== null) total = (total ?? 0) + count;
  return total;
}

function isBare(span: UsageSpan): boolean {
  return span.modelCall || span.invalid;
}

export function hasUsage(span: UsageSpan): boolean {
  return !span.invalid && (span.inputTokens !== null || span.outputTokens !== null);
}

const SPANS_IN_A_TURN = 1_000;

/** For each of the spans, the nearest of them above it; '' when there is none. */
function* nearestAbove(
  spans: readonly UsageSpan[],
  parentOf: ReadonlyMap<string, string>,
): Turns<ReadonlyMap<string, string>> {
  const given = new Map(parentOf);
  for (const { spanId, parentSpanId } of spans) given.set(spanId, parentSpanId);
  yield;
  const parents = cutCycles(given);
  yield;
  const own = new Set(spans.map(({ spanId }) => spanId));
  const known = new Map<string, string>();
  for (const { spanId } of spans) {
    const path = [spanId];
    let at = parents.get(spanId) ?? '';
    while (at !== '' && !own.has(at) && !known.has(at)) {
      path.push(at);
      at = parents.get(at) ?? '';
    }
    const found = at === '' || own.has(at) ? at : known.get(at)!;
    for (const id of path) known.set(id, found);
    if (known.size % SPANS_IN_A_TURN === 0) yield;
  }
  return known;
}

/** All that lie above the given spans. */
function marked(
  above: ReadonlyMap<string, string>,
  from: readonly UsageSpan[],
): ReadonlySet<string> {
  const marks = new Set<string>();
  for (const { spanId } of from) {
    let at = above.get(spanId)!;
    // What lies above a marked span was marked when that span was walked past.
    while (at !== '' && !marks.has(at)) {
      marks.add(at);
      at = above.get(at)!;
    }
  }
  return marks;
}

/** Of the calls without usage, those whose usage a span above tells. */
function bareToldAbove<Span extends UsageSpan>(
  bare: readonly Span[],
  above: ReadonlyMap<string, string>,
  byId: ReadonlyMap<string, Span>,
  counts: (span: Span) => boolean,
): ReadonlySet<Span> {
  const telling = new Map<string, Span | undefined>();
  const tellingFrom = (spanId: string): Span | undefined => {
    const path: string[] = [];
    let found: Span | undefined;
    for (let at = above.get(spanId)!; at !== ''; at = above.get(at)!) {
      if (telling.has(at)) {
        found = telling.get(at);
        break;
      }
      path.push(at);
      const span = byId.get(at)!;
      if (!hasUsage(span)) continue;
      found = counts(span) ? span : undefined;
      break;
    }
    for (const id of path) telling.set(id, found);
    return found;
  };
  const told = new Set<Span>();
  const underSum = new Map<Span, Span[]>();
  for (const span of bare) {
    if (span.invalid) continue;
    const by = tellingFrom(span.spanId);
    if (by === undefined) continue;
    if (by.modelCall) told.add(span);
    else underSum.set(by, [...(underSum.get(by) ?? []).slice(0, 1), span]);
  }
  for (const list of underSum.values()) if (list.length === 1) told.add(list[0]!);
  return told;
}

/** Spans of one call, each from an instrumentation of its own. */
interface Group<Span> {
  best: Span;
  readonly members: Span[];
}

/** Of two instrumentations' spans for one call, the one that tells more stays; else the one nearer to the wire. */
function mergeSideBySide<Span extends UsageSpan>(calls: readonly Span[]): Span[] {
  if (calls.length < 2) return [...calls];
  const groups: Group<Span>[] = [];
  const byAnswer = new Map<string, Group<Span>[]>();
  const byParent = new Map<string, Group<Span>[]>();
  const mixed = calls.some(({ scopeName }) => scopeName !== calls[0]!.scopeName);
  for (const call of calls.toSorted(byStart)) {
    const { responseId, parentSpanId } = call;
    const group =
      byAnswer
        .get(responseId)
        ?.find(({ members }) => members.every((it) => isOneAnswer(it, call))) ??
      byParent.get(parentSpanId)?.find(({ members }) => members.every((it) => areOne(it, call)));
    if (group !== undefined) {
      group.members.push(call);
      if (tellsMore(call, group.best)) group.best = call;
      continue;
    }
    const made = { best: call, members: [call] };
    groups.push(made);
    if (responseId !== '') append(byAnswer, responseId, made);
    // Only calls near in time can be one; without a bound a fan-out of thousands would be compared with itself.
    if (mixed) append(byParent, parentSpanId, made, SIDE_BY_SIDE_MAX);
  }
  return groups.map(({ best }) => best);
}

const SIDE_BY_SIDE_MAX = 64;

function append<Item>(
  lists: Map<string, Item[]>,
  key: string,
  item: Item,
  itemsMax = Infinity,
): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else {
    list.push(item);
    if (list.length > itemsMax) list.shift();
  }
}

/** Of one answer: a wrapper around the provider's own client may add up the counts of a streamed answer otherwise. */
function isOneAnswer(one: UsageSpan, other: UsageSpan): boolean {
  if (agree(one, other)) return true;
  return one.invalid === other.invalid && areTwoAccounts(one, other) && agreeInModel(one, other);
}

function areOne(one: UsageSpan, other: UsageSpan): boolean {
  const differ = one.responseId !== '' && other.responseId !== '';
  return !differ && areTwoAccounts(one, other) && agree(one, other);
}

/** From different instrumentations, at the same time. */
function areTwoAccounts(one: UsageSpan, other: UsageSpan): boolean {
  return (
    one.scopeName !== other.scopeName && one.startNs <= endOf(other) && other.startNs <= endOf(one)
  );
}

function agreeInModel(one: UsageSpan, other: UsageSpan): boolean {
  const models = [one.requestModel, one.responseModel].filter((model) => model !== '');
  return (
    models.length === 0 ||
    (other.requestModel === '' && other.responseModel === '') ||
    models.some((model) => model === other.requestModel || model === other.responseModel)
  );
}

function agree(one: UsageSpan, other: UsageSpan): boolean {
  if (!agreeInModel(one, other)) return false;
  if (!hasUsage(one) || !hasUsage(other)) return one.invalid === other.invalid;
  return one.inputTokens === other.inputTokens && one.outputTokens === other.outputTokens;
}

function tellsMore(one: UsageSpan, other: UsageSpan): boolean {
  if (hasUsage(one) !== hasUsage(other)) return hasUsage(one);
  if (one.partTokens !== other.partTokens) return one.partTokens > other.partTokens;
  return one.startNs > other.startNs && endOf(one) <= endOf(other);
}

function endOf({ startNs, durationNs }: UsageSpan): bigint {
  return durationNs > 0n ? startNs + durationNs : startNs;
}

function byStart(one: UsageSpan, other: UsageSpan): number {
  if (one.startNs !== other.startNs) return one.startNs < other.startNs ? -1 : 1;
  return one.spanId < other.spanId ? -1 : 1;
}

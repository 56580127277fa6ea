/** A call of a model as far as two accounts of it can be held against each other. */
export interface AccountedCall {
  readonly requestModel: string;
  readonly responseModel: string;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly invalid: boolean;
  /** The provider's id of the answer; '' where it is not told. */
  readonly responseId: string;
  readonly startNs: bigint;
  readonly durationNs: bigint;
}

/** A record is made when the answer is there, its span ends about then; both clocks are the same process's. */
const APART_NS_MAX = 10_000_000_000n;

/**
 * Of the calls that log records tell of, those that spans tell of too: the same answer by the provider's id, or, where one of
 * them has no id, the same model, the same counts, an end at the same time. One span answers for one record: of two equal calls,
 * of which one has a span, one is left. Two equal calls without ids, of which a span alone tells of one and a record
 * alone of the other, cannot be told from one.
 */
export function toldTwice<Told extends AccountedCall>(
  told: readonly Told[],
  spans: readonly AccountedCall[],
): ReadonlySet<Told> {
  const twice = new Set<Told>();
  if (spans.length === 0) return twice;
  const byAnswer = new Map(spans.map((span) => [span.responseId, span]));
  const answered = new Set<AccountedCall>();
  for (const call of told) {
    const span = call.responseId === '' ? undefined : byAnswer.get(call.responseId);
    if (span === undefined || answered.has(span)) continue;
    answered.add(span);
    twice.add(call);
  }
  const byCounts = new Map<string, AccountedCall[]>();
  for (const span of spans) {
    if (answered.has(span)) continue;
    const list = byCounts.get(countsOf(span));
    if (list === undefined) byCounts.set(countsOf(span), [span]);
    else list.push(span);
  }
  const rest = told.filter((call) => !twice.has(call));
  for (const call of rest.toSorted((one, other) => (endOf(one) < endOf(other) ? -1 : 1))) {
    const candidates = byCounts.get(countsOf(call)) ?? [];
    const best = nearest(call, candidates);
    if (best === -1) continue;
    candidates.splice(best, 1);
    twice.add(call);
  }
  return twice;
}

/** Which of the candidates is the call, the nearest in time; -1 when none is. */
function nearest(call: AccountedCall, candidates: readonly AccountedCall[]): number {
  let best = -1;
  for (const [index, span] of candidates.entries()) {
    // Two ids are two answers.
    if (call.responseId !== '' && span.responseId !== '') continue;
    const apart = distance(call, span);
    if (apart > APART_NS_MAX || !sameModel(call, span)) continue;
    if (best === -1 || apart < distance(call, candidates[best]!)) best = index;
  }
  return best;
}

function countsOf({ inputTokens, outputTokens, invalid }: AccountedCall): string {
  return invalid ? 'invalid' : `${inputTokens}/${outputTokens}`;
}

function distance(one: AccountedCall, other: AccountedCall): bigint {
  const apart = endOf(one) - endOf(other);
  return apart < 0n ? -apart : apart;
}

function endOf({ startNs, durationNs }: AccountedCall): bigint {
  return durationNs > 0n ? startNs + durationNs : startNs;
}

function sameModel(one: AccountedCall, other: AccountedCall): boolean {
  const own = [one.requestModel, one.responseModel].filter((model) => model !== '');
  const others = [other.requestModel, other.responseModel].filter((model) => model !== '');
  return own.length === 0 || others.length === 0 || own.some((model) => others.includes(model));
}

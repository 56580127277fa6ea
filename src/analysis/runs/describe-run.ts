import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { CallCost, ModelCall, Run, RunStatus, RunTokens } from '../../model/run.ts';
import { addKnown } from '../../model/run.ts';
import type { CallUsage } from '../../semconv/price-call.ts';
import type { RunSpan } from '../../storage/run-store.ts';
import type { FoundRun } from './find-runs.ts';
import { attributeFor, exceptionMessage } from './span-content.ts';
import type { SpanNode } from './span-tree.ts';
import { isTold } from './trace-calls.ts';

/** Gives a call its price; the project's own prices may differ from others'. */
export type PriceCall = (usage: CallUsage & { readonly project: string }) => CallCost;

/** What a run is described by beside its spans. */
export interface DescribeContext {
  readonly project: string;
  readonly traceId: string;
  /** Whether so long a time has passed since the last of the trace's spans that no more is awaited. */
  readonly abandoned: boolean;
  /** Whether nothing was received of the trace for so long that what log records tell of is over. */
  readonly quiet: boolean;
  readonly truncated: boolean;
}

const TEXT_CHARACTERS_MAX = 1_024;
const MODELS_MAX = 100;
const TOOLS_MAX = 200;
const NO_TOKENS: RunTokens = {
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite: null,
  reasoning: null,
};

/** The sender says that it failed: by the status, or by an error where it left the status unset. */
export function hasFailed({ statusCode, errorType }: RunSpan): boolean {
  return statusCode === 2 || (statusCode === 0 && errorType !== '');
}

/** A call whose price takes its place when it is known. */
export interface UnpricedCall extends Omit<ModelCall, 'cost'> {
  cost: CallCost;
}

const NOT_PRICED: CallCost = { amount: null, source: '', priceVersion: '', missing: '' };

/** A call that counts, without its price. */
export function describeCall(
  node: SpanNode,
  run: FoundRun,
  { project, traceId }: DescribeContext,
): UnpricedCall {
  const { span } = node;
  const named = nearestWithModel(node);
  const { conversation, user } = span;
  const invalid = (span.flags & GENAI_FLAG.tokensInvalid) !== 0;
  const tokens = invalid ? NO_TOKENS : tokensOf(span);
  return {
    project,
    traceId,
    spanId: span.spanId,
    runId: run.runId,
    agent: run.agent,
    origin: isTold(span) ? 'log' : 'span',
    operation: span.operation,
    provider: span.provider || named.provider,
    model: named.responseModel || named.requestModel,
    requestModel: named.requestModel,
    startNs: span.startNs,
    durationNs: span.durationNs > 0n ? span.durationNs : 0n,
    failed: hasFailed(span),
    tokens,
    estimated: (span.flags & GENAI_FLAG.tokensEstimated) !== 0 && isCounted(tokens),
    invalid,
    cost: NOT_PRICED,
    conversation: conversation || saidOf(run).conversation,
    user: user || saidOf(run).user,
  };
}

/** Usage on a span that names no model is of the model that the nearest span above it in the service names. */
function nearestWithModel(node: SpanNode): RunSpan {
  const { service } = node.span;
  let at: SpanNode | undefined = node;
  for (let steps = 0; at !== undefined && at.span.service === service; steps++) {
    const { requestModel, responseModel } = at.span;
    if (requestModel !== '' || responseModel !== '') return at.span;
    at = steps < MODEL_STEPS_MAX ? at.parent : undefined;
  }
  return node.span;
}

const MODEL_STEPS_MAX = 8;

export function usageOf(
  { span }: SpanNode,
  call: Omit<ModelCall, 'cost'>,
): Parameters<PriceCall>[0] {
  const { project, provider, model, requestModel, tokens, invalid } = call;
  return {
    project,
    provider,
    model,
    requestModel,
    atMs: Number(call.startNs / 1_000_000n),
    tier: span.serviceTier,
    tokens: {
      input: tokens.input,
      output: tokens.output,
      cacheRead: tokens.cacheRead,
      cacheWrite: tokens.cacheWrite,
      reasoning: tokens.reasoning,
      cacheWrite1h: invalid ? null : span.cacheWrite1hTokens,
    },
    reportedCost: span.reportedCost,
    invalid,
  };
}

/** A run whose agent's version takes its place when it is known. */
export interface UnversionedRun extends Omit<Run, 'agentVersion'> {
  agentVersion: string;
}

/** The run with everything but its agent's version. */
export function describeRun(
  run: FoundRun,
  calls: readonly ModelCall[],
  context: DescribeContext,
): UnversionedRun {
  const { root, nodes } = run;
  const status = statusOf(run, context);
  // Of what log records tell, how it ended is how its last call did.
  const ending = run.told ? run.modelCalls.at(-1) : root;
  const failed = status === 'error' && ending !== undefined;
  const first = (root ?? earliest(nodes)).span;
  const sums = sumsOf(calls);
  const { conversation, user } = saidOf(run);
  // Every property by itself: spread, they would cost more than all else that is done for a run.
  return {
    project: context.project,
    traceId: context.traceId,
    runId: run.runId,
    parentRunId: run.parent?.runId ?? '',
    agent: run.agent,
    agentVersion: '',
    name: root?.span.name ?? '',
    service: first.service,
    framework: firstSaid(run, ({ framework }) => framework),
    implied: run.implied,
    status,
    errorType: failed ? ending.span.errorType : '',
    errorMessage: failed
      ? (ending.span.statusMessage || exceptionMessage(ending.span)).slice(0, TEXT_CHARACTERS_MAX)
      : '',
    receivedMs: nodes.reduce((least, { span }) => Math.min(least, span.receivedS), Infinity) * 1000,
    startNs: first.startNs,
    durationNs: durationOf(run, status, first.startNs),
    spanCount: nodes.length,
    errorCount: nodes.reduce((errors, { span }) => errors + Number(hasFailed(span)), 0),
    modelCalls: calls.length,
    toolCalls: run.toolCalls.length,
    retries: countRetries(run),
    loopLength: longestLoop(run),
    tokens: sums.tokens,
    callsWithoutTokens: sums.callsWithoutTokens,
    callsEstimated: sums.callsEstimated,
    callsInvalid: sums.callsInvalid,
    callsUnpriced: sums.callsUnpriced,
    cost: sums.cost,
    conversation,
    user,
    models: [...new Set(calls.map(({ model }) => model))]
      .filter((model) => model !== '')
      .toSorted()
      .slice(0, MODELS_MAX),
    tools: countTools(run),
    truncated: context.truncated,
  };
}

/** What a run's calls amount to. */
function sumsOf(
  calls: readonly ModelCall[],
): Pick<
  Run,
  'tokens' | 'callsWithoutTokens' | 'callsEstimated' | 'callsInvalid' | 'callsUnpriced' | 'cost'
> {
  const sums = {
    tokens: { ...NO_TOKENS },
    callsWithoutTokens: 0,
    callsEstimated: 0,
    callsInvalid: 0,
    callsUnpriced: 0,
    cost: calls.length === 0 ? 0n : (null as Run['cost']),
  };
  for (const { tokens, cost, estimated, invalid, failed } of calls) {
    sums.tokens.input = addKnown(sums.tokens.input, tokens.input);
    sums.tokens.output = addKnown(sums.tokens.output, tokens.output);
    sums.tokens.cacheRead = addKnown(sums.tokens.cacheRead, tokens.cacheRead);
    sums.tokens.cacheWrite = addKnown(sums.tokens.cacheWrite, tokens.cacheWrite);
    sums.tokens.reasoning = addKnown(sums.tokens.reasoning, tokens.reasoning);
    if (cost.amount !== null) sums.cost = (sums.cost ?? 0n) + cost.amount;
    if (estimated) sums.callsEstimated++;
    if (invalid) sums.callsInvalid++;
    if (!isCounted(tokens)) sums.callsWithoutTokens += invalid || failed ? 0 : 1;
    else if (cost.amount === null) sums.callsUnpriced++;
  }
  return sums;
}

function isCounted({ input, output }: RunTokens): boolean {
  return input !== null || output !== null;
}

function tokensOf(span: RunSpan): RunTokens {
  return {
    input: span.inputTokens,
    output: span.outputTokens,
    cacheRead: span.cacheReadTokens,
    cacheWrite: span.cacheWriteTokens,
    reasoning: span.reasoningTokens,
  };
}

/** One that ended before it began has come to its end all the same: the clock was set back meanwhile. */
function hasEnd({ startNs, durationNs }: RunSpan): boolean {
  return durationNs >= 0n || startNs + durationNs > 0n;
}

function lengthOf({ durationNs }: RunSpan): bigint {
  return durationNs > 0n ? durationNs : 0n;
}

/** An error inside that the agent got over does not make the run fail: its root says how it ended. */
function statusOf(run: FoundRun, { abandoned, quiet }: DescribeContext): RunStatus {
  const { root } = run;
  if (run.told) {
    if (!run.followed && !quiet) return 'running';
    const last = run.modelCalls.at(-1);
    return last !== undefined && hasFailed(last.span) ? 'error' : 'ok';
  }
  if (root === undefined || !hasEnd(root.span)) return abandoned ? 'abandoned' : 'running';
  return hasFailed(root.span) ? 'error' : 'ok';
}

function durationOf(
  { root, told, nodes }: FoundRun,
  status: RunStatus,
  startNs: bigint,
): bigint | null {
  if (!told) return root !== undefined && hasEnd(root.span) ? lengthOf(root.span) : null;
  if (status === 'running') return null;
  return nodes.reduce((longest, { span }) => {
    const length = span.startNs + span.durationNs - startNs;
    return length > longest ? length : longest;
  }, 0n);
}

function earliest(nodes: readonly SpanNode[]): SpanNode {
  return nodes.reduce((first, node) => (node.span.startNs < first.span.startNs ? node : first));
}

/** The root's word, else that of the calls in their order, else that of the earliest span that has one. */
function firstSaid({ root, modelCalls, nodes }: FoundRun, of: (span: RunSpan) => string): string {
  const own = root === undefined ? '' : of(root.span);
  if (own !== '') return own;
  for (const { span } of modelCalls) {
    const said = of(span);
    if (said !== '') return said;
  }
  let first: RunSpan | undefined;
  for (const { span } of nodes) {
    if ((first === undefined || span.startNs < first.startNs) && of(span) !== '') first = span;
  }
  return first === undefined ? '' : of(first);
}

type Said = Pick<Run, 'conversation' | 'user'>;
const SAID = new WeakMap<FoundRun, Said>();

/** Whose conversation a run is: as it says itself, else as the run that started it does. */
function saidOf(run: FoundRun): Said {
  const known = SAID.get(run);
  if (known !== undefined) return known;
  // Parents are described before their children.
  const above = run.parent && SAID.get(run.parent);
  const conversation = firstSaid(run, (span) => span.conversation).slice(0, TEXT_CHARACTERS_MAX);
  const user = firstSaid(run, (span) => span.user).slice(0, TEXT_CHARACTERS_MAX);
  const said = {
    conversation: conversation || (above?.conversation ?? ''),
    user: user || (above?.user ?? ''),
  };
  SAID.set(run, said);
  return said;
}

/** Calls that follow a failed call of the same: of a tool with the same arguments, of a model under the same parent. */
function countRetries(run: FoundRun): number {
  return countAgain(run.toolCalls, toolKey) + countAgain(run.modelCalls, modelKey);
}

function countAgain(nodes: readonly SpanNode[], keyOf: (node: SpanNode) => string): number {
  if (!nodes.some(({ span }) => hasFailed(span))) return 0;
  const failed = new Map<string, boolean>();
  let retries = 0;
  for (const node of nodes) {
    const key = keyOf(node);
    if (failed.get(key) === true) retries++;
    failed.set(key, hasFailed(node.span));
  }
  return retries;
}

/** Calls whose arguments were not captured are not known to be the same. */
function longestLoop(run: FoundRun): number {
  let longest = 0;
  let length = 0;
  let last: { readonly given: string | undefined; readonly toolName: string } | undefined;
  for (const node of run.toolCalls) {
    const given = argumentsOf(node);
    const isSame =
      given !== undefined && given === last?.given && node.span.toolName === last.toolName;
    length = isSame ? length + 1 : 1;
    last = { given, toolName: node.span.toolName };
    longest = Math.max(longest, length);
  }
  return longest;
}

function toolKey(node: SpanNode): string {
  return JSON.stringify([node.span.toolName, argumentsOf(node) ?? '']);
}

function modelKey({ span, parent, missing }: SpanNode): string {
  return JSON.stringify([span.requestModel, parent?.span.spanId ?? missing]);
}

function argumentsOf({ span }: SpanNode): string | undefined {
  return attributeFor(span, 'toolArguments') ?? attributeFor(span, 'input');
}

function countTools({ toolCalls }: FoundRun): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { span } of toolCalls) {
    if (counts.size >= TOOLS_MAX && !counts.has(span.toolName)) continue;
    counts.set(span.toolName, (counts.get(span.toolName) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

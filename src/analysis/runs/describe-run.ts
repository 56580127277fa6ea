import { GENAI_FLAG } from '../../model/genai-columns.ts';
import { sumCounts } from '../../model/counted-usage.ts';
import type { CallCost, ModelCall, Run, RunStatus, RunTokens } from '../../model/run.ts';
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

/** A call that counts, without its price. */
export function describeCall(
  node: SpanNode,
  run: FoundRun,
  { project, traceId }: DescribeContext,
): Omit<ModelCall, 'cost'> {
  const { span } = node;
  const named = nearestWithModel(node);
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
    conversation: span.conversation || saidOf(run).conversation,
    user: span.user || saidOf(run).user,
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
    tokens: { ...tokens, cacheWrite1h: invalid ? null : span.cacheWrite1hTokens },
    reportedCost: span.reportedCost,
    invalid,
  };
}

/** The run with everything but its agent's version. */
export function describeRun(
  run: FoundRun,
  calls: readonly ModelCall[],
  context: DescribeContext,
): Omit<Run, 'agentVersion'> {
  const { root, nodes } = run;
  const status = statusOf(run, context);
  // Of what log records tell, how it ended is how its last call did.
  const ending = run.told ? run.modelCalls.at(-1) : root;
  const failed = status === 'error' && ending !== undefined;
  const startNs = (root ?? earliest(nodes)).span.startNs;
  const spans = nodes.map(({ span }) => span);
  return {
    project: context.project,
    traceId: context.traceId,
    runId: run.runId,
    parentRunId: run.parent?.runId ?? '',
    agent: run.agent,
    name: root?.span.name ?? '',
    service: (root ?? earliest(nodes)).span.service,
    framework: firstSaid(run, ({ framework }) => framework),
    implied: run.implied,
    status,
    errorType: failed ? ending.span.errorType : '',
    errorMessage: failed
      ? (ending.span.statusMessage || exceptionMessage(ending.span)).slice(0, TEXT_CHARACTERS_MAX)
      : '',
    receivedMs: spans.reduce((least, { receivedS }) => Math.min(least, receivedS), Infinity) * 1000,
    startNs,
    durationNs: durationOf(run, status, startNs),
    spanCount: nodes.length,
    errorCount: spans.filter(hasFailed).length,
    modelCalls: calls.length,
    toolCalls: run.toolCalls.length,
    retries: countRetries(run),
    loopLength: longestLoop(run),
    ...sumsOf(calls),
    ...saidOf(run),
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
  const sum = (of: (tokens: RunTokens) => number | null): number | null =>
    sumCounts(calls.map(({ tokens }) => of(tokens)));
  const amounts = calls.flatMap(({ cost }) => (cost.amount === null ? [] : [cost.amount]));
  return {
    tokens: {
      input: sum(({ input }) => input),
      output: sum(({ output }) => output),
      cacheRead: sum(({ cacheRead }) => cacheRead),
      cacheWrite: sum(({ cacheWrite }) => cacheWrite),
      reasoning: sum(({ reasoning }) => reasoning),
    },
    callsWithoutTokens: calls.filter(
      ({ tokens, invalid, failed }) => !isCounted(tokens) && !invalid && !failed,
    ).length,
    callsEstimated: calls.filter(({ estimated }) => estimated).length,
    callsInvalid: calls.filter(({ invalid }) => invalid).length,
    callsUnpriced: calls.filter(({ cost, tokens }) => cost.amount === null && isCounted(tokens))
      .length,
    cost:
      amounts.length === 0 && calls.length > 0
        ? null
        : amounts.reduce((total, amount) => total + amount, 0n),
  };
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
function firstSaid(run: FoundRun, of: (span: RunSpan) => string): string {
  const own = run.root === undefined ? '' : of(run.root.span);
  if (own !== '') return own;
  for (const { span } of run.modelCalls) if (of(span) !== '') return of(span);
  const saying = run.nodes.filter(({ span }) => of(span) !== '');
  return saying.length === 0 ? '' : of(earliest(saying).span);
}

type Said = Pick<Run, 'conversation' | 'user'>;
const SAID = new WeakMap<FoundRun, Said>();

/** Whose conversation a run is: as it says itself, else as the run that started it does. */
function saidOf(run: FoundRun): Said {
  const known = SAID.get(run);
  if (known !== undefined) return known;
  const say = (of: (span: RunSpan) => string, above: Said | undefined, key: keyof Said): string =>
    firstSaid(run, of).slice(0, TEXT_CHARACTERS_MAX) || (above?.[key] ?? '');
  // Parents are described before their children.
  const above = run.parent && SAID.get(run.parent);
  const said = {
    conversation: say(({ conversation }) => conversation, above, 'conversation'),
    user: say(({ user }) => user, above, 'user'),
  };
  SAID.set(run, said);
  return said;
}

/** Calls that follow a failed call of the same: of a tool with the same arguments, of a model under the same parent. */
function countRetries(run: FoundRun): number {
  const again = (nodes: readonly SpanNode[], keyOf: (node: SpanNode) => string): number => {
    if (!nodes.some(({ span }) => hasFailed(span))) return 0;
    const failed = new Map<string, boolean>();
    let retries = 0;
    for (const node of nodes) {
      const key = keyOf(node);
      if (failed.get(key) === true) retries++;
      failed.set(key, hasFailed(node.span));
    }
    return retries;
  };
  return (
    again(run.toolCalls, toolKey) +
    again(run.modelCalls, (node) =>
      JSON.stringify([node.span.requestModel, node.parent?.span.spanId ?? node.missing]),
    )
  );
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

import type { PartRule } from './dialect.ts';

/** Token counts of one span; `undefined` where the source reported none. */
export interface TokenCounts {
  input: number | undefined;
  output: number | undefined;
  cacheRead: number | undefined;
  cacheWrite: number | undefined;
  /** Of `cacheWrite`, by how long the tokens are kept. */
  cacheWrite5m: number | undefined;
  cacheWrite1h: number | undefined;
  reasoning: number | undefined;
  /** The sender's own sum; only read. */
  total: number | undefined;
}

export interface TokenRules {
  /** `included` when undefined, as is `reasoningOutput`. */
  readonly cachedInput?: PartRule | undefined;
  readonly reasoningOutput?: PartRule | undefined;
  /** See `CountRules`. */
  readonly totalHoldsAll?: boolean | undefined;
  /** As `gen_ai.provider.name` has it, or ''. */
  readonly provider: string;
}

/** More than any run can use; what is above is a fault of the sender. */
export const TOKENS_MAX = 1e9;
/**
 * More than a single call of a model can use, which is at most what fits a context, ten million tokens to date, or a
 * large batch of embeddings. A call that tells of more is not believed: it would outweigh all others in every sum.
 */
export const CALL_TOKENS_MAX = 50_000_000;

/** Providers whose own input count leaves the cached tokens out. */
const CACHE_APART: ReadonlySet<string> = new Set(['anthropic', 'aws.bedrock']);
/** Providers whose own output count leaves the reasoning tokens out. */
const REASONING_APART: ReadonlySet<string> = new Set(['gcp.gemini', 'gcp.vertex_ai', 'gcp.gen_ai']);

/**
 * Makes the counts mean what the conventions mean, in place: input includes cached tokens and output
 * includes reasoning. A whole that was not reported stays unreported, whatever is known of its parts.
 * (Semantic conventions v1.41, registry, notes on `gen_ai.usage.*`.)
 */
export function normalizeTokens(counts: TokenCounts, rules: TokenRules): void {
  const { cachedInput, reasoningOutput, provider } = rules;
  // Some take what they tell by its time out of the whole.
  const written = (counts.cacheWrite5m ?? 0) + (counts.cacheWrite1h ?? 0);
  if (written > (counts.cacheWrite ?? 0)) counts.cacheWrite = written;
  const cached = (counts.cacheRead ?? 0) + (counts.cacheWrite ?? 0);
  const reasoning = counts.reasoning ?? 0;
  const told = toldByTotal(counts, { cached, reasoning }, rules.totalHoldsAll === true);
  if (cached > 0 && counts.input !== undefined) {
    const apart =
      told?.cacheApart ??
      (cachedInput === 'excluded' || (cachedInput === 'as_provider' && CACHE_APART.has(provider)));
    if (apart || cached > counts.input) counts.input += cached;
  }
  if (reasoning > 0 && counts.output !== undefined) {
    const apart =
      told?.reasoningApart ??
      (reasoningOutput === 'excluded' ||
        (reasoningOutput === 'as_provider' && REASONING_APART.has(provider)));
    if (apart || reasoning > counts.output) counts.output += reasoning;
  }
}

interface Told {
  readonly cacheApart: boolean;
  readonly reasoningApart: boolean;
}

/** Which parts the sender's total has beside the wholes, if one way alone of adding up gives it. */
function toldByTotal(
  { input, output, total }: TokenCounts,
  { cached, reasoning }: { cached: number; reasoning: number },
  holdsAll: boolean,
): Told | undefined {
  if (total === undefined || input === undefined || output === undefined) return undefined;
  const rest = total - input - output;
  const ways = [
    { cacheApart: false, reasoningApart: false, sum: 0 },
    { cacheApart: true, reasoningApart: false, sum: cached },
    { cacheApart: false, reasoningApart: true, sum: reasoning },
    { cacheApart: true, reasoningApart: true, sum: cached + reasoning },
  ].filter(
    ({ cacheApart, reasoningApart, sum }) =>
      sum === rest && !(cacheApart && cached === 0) && !(reasoningApart && reasoning === 0),
  );
  const [way] = ways;
  if (way === undefined || (rest === 0 && !holdsAll)) return undefined;
  return ways.length === 1 || rest === 0 ? way : undefined;
}

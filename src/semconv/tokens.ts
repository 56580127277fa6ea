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
}

export interface TokenRules {
  /** `included` when undefined, as is `reasoningOutput`. */
  readonly cachedInput?: PartRule | undefined;
  readonly reasoningOutput?: PartRule | undefined;
  /** As `gen_ai.provider.name` has it, or ''. */
  readonly provider: string;
}

/** More than any model call can use; what is above is a fault of the sender. */
export const TOKENS_MAX = 1e9;

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
  if (cached > 0 && counts.input !== undefined) {
    const apart =
      cachedInput === 'excluded' || (cachedInput === 'as_provider' && CACHE_APART.has(provider));
    if (apart || cached > counts.input) counts.input += cached;
  }
  const reasoning = counts.reasoning ?? 0;
  if (reasoning > 0 && counts.output !== undefined) {
    const apart =
      reasoningOutput === 'excluded' ||
      (reasoningOutput === 'as_provider' && REASONING_APART.has(provider));
    if (apart || reasoning > counts.output) counts.output += reasoning;
  }
}

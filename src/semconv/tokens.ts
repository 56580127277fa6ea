import type { Dialect } from './dialect.ts';

/** Token counts of one span; `undefined` where the source reported none. */
export interface TokenCounts {
  input: number | undefined;
  output: number | undefined;
  cacheRead: number | undefined;
  cacheWrite: number | undefined;
  reasoning: number | undefined;
}

/** More than any model call can use; what is above is a fault of the sender. */
export const TOKENS_MAX = 1e12;

/**
 * Makes the counts mean what the conventions mean, in place: input includes cached tokens and output
 * includes reasoning. Instrumentations that report Anthropic's own figures leave the cache out.
 * (Semantic conventions v1.41, registry, `gen_ai.usage.*` notes.)
 */
export function normalizeTokens(counts: TokenCounts, dialect: Dialect | undefined): void {
  const cached = (counts.cacheRead ?? 0) + (counts.cacheWrite ?? 0);
  if (cached > 0) {
    const rule = dialect?.cachedInput ?? 'by_size';
    const excluded = rule === 'excluded' || (rule === 'by_size' && cached > (counts.input ?? 0));
    if (excluded) counts.input = (counts.input ?? 0) + cached;
  }
  if (dialect?.reasoningOutput === 'excluded' && counts.reasoning !== undefined) {
    counts.output = (counts.output ?? 0) + counts.reasoning;
  }
}

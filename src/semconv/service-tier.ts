/** Words that say that the call was served as any other. */
const STANDARD: ReadonlySet<string> = new Set([
  '',
  'default',
  'standard',
  'standard_only',
  'auto',
  'on_demand',
  'on-demand',
  'normal',
]);

const RENAMED: ReadonlyMap<string, string> = new Map([
  ['service_tier_priority', 'priority'],
  ['service_tier_flex', 'flex'],
  ['service_tier_standard', ''],
]);

/**
 * Shares of the list price that providers publish for a tier, whichever the model. What is not here has no rule:
 * priority and fast tiers are dearer by another factor for each model.
 * https://platform.openai.com/docs/pricing, https://docs.claude.com/en/docs/about-claude/pricing,
 * https://ai.google.dev/gemini-api/docs/pricing, https://aws.amazon.com/bedrock/pricing
 */
const SHARES: Readonly<Record<string, Readonly<Record<string, readonly [bigint, bigint]>>>> = {
  openai: { batch: [1n, 2n], flex: [1n, 2n] },
  azure: { batch: [1n, 2n] },
  anthropic: { batch: [1n, 2n] },
  google: { batch: [1n, 2n] },
  aws: { batch: [1n, 2n] },
  groq: { batch: [1n, 2n], flex: [1n, 1n] },
  mistral: { batch: [1n, 2n] },
};

/** The tier in one word, '' for the standard one or when nothing tells. */
export function normalizeTier(text: string): string {
  const tier = text.trim().toLowerCase();
  return STANDARD.has(tier) ? '' : (RENAMED.get(tier) ?? tier);
}

/** What the tier costs as a fraction of the seller's list price; undefined when that is not known. */
export function shareOfTier(seller: string, tier: string): readonly [bigint, bigint] | undefined {
  return tier === '' ? [1n, 1n] : SHARES[seller]?.[tier];
}

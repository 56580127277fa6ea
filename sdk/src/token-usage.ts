import type { Fields } from './fields.ts';
/** What a model call used, in tokens. A count that the provider did not report is undefined, never 0. */
export interface TokenUsage {
  /** All input, what was read from and written to the cache included. */
  readonly input?: number | undefined;
  /** All output, reasoning included. */
  readonly output?: number | undefined;
  readonly cacheRead?: number | undefined;
  readonly cacheCreation?: number | undefined;
  readonly reasoning?: number | undefined;
}

/**
 * Reads the usage object of OpenAI's chat and responses APIs, Anthropic, Google, LangChain and the AI SDK.
 * Undefined when it is none of them or holds no count.
 */
export function readUsage(usage: unknown): TokenUsage | undefined {
  if (typeof usage !== 'object' || usage === null) return undefined;
  const fields = usage as Fields;
  const found = READERS.map((read) => read(fields)).find((one) => one !== undefined);
  return found !== undefined && Object.values(found).some((n) => n !== undefined)
    ? found
    : undefined;
}

/** The later report of a stream, with what only the earlier one told. */
export function mergeUsage(earlier: TokenUsage | undefined, later: TokenUsage): TokenUsage {
  const merged: Record<string, number | undefined> = { ...earlier };
  for (const [key, tokens] of Object.entries(later)) if (tokens !== undefined) merged[key] = tokens;
  return merged;
}

type Reader = (fields: Fields) => TokenUsage | undefined;

const openAiChat: Reader = (fields) => {
  if (!has(fields, 'prompt_tokens', 'completion_tokens')) return undefined;
  // Routers before Anthropic tell here what was written to the cache, as part of the input.
  const details = inside(fields, 'prompt_tokens_details');
  return {
    input: count(fields['prompt_tokens']),
    output: count(fields['completion_tokens']),
    cacheRead: count(details['cached_tokens']) ?? count(fields['cache_read_input_tokens']),
    cacheCreation:
      count(details['cache_write_tokens']) ?? count(fields['cache_creation_input_tokens']),
    reasoning: count(inside(fields, 'completion_tokens_details')['reasoning_tokens']),
  };
};

/** Anthropic counts the cache beside the input; here, as in the convention, it is part of it. */
const anthropic: Reader = (fields) => {
  if (!has(fields, 'cache_read_input_tokens', 'cache_creation_input_tokens')) return undefined;
  const cacheRead = count(fields['cache_read_input_tokens']);
  const cacheCreation = count(fields['cache_creation_input_tokens']);
  const uncached = count(fields['input_tokens']);
  return {
    input: uncached === undefined ? undefined : uncached + (cacheRead ?? 0) + (cacheCreation ?? 0),
    output: count(fields['output_tokens']),
    cacheRead,
    cacheCreation,
  };
};

/** OpenAI's responses, LangChain's messages, and Anthropic without a cache. */
const inputAndOutput: Reader = (fields) => {
  if (!has(fields, 'input_tokens', 'output_tokens')) return undefined;
  const input = inside(fields, 'input_tokens_details', 'input_token_details');
  const output = inside(fields, 'output_tokens_details', 'output_token_details');
  return {
    input: count(fields['input_tokens']),
    output: count(fields['output_tokens']),
    cacheRead: count(input['cached_tokens']) ?? count(input['cache_read']),
    cacheCreation: count(input['cache_creation']) ?? count(input['cache_write_tokens']),
    reasoning: count(output['reasoning_tokens']) ?? count(output['reasoning']),
  };
};

/** The AI SDK: numbers until version 5, objects since. */
const aiSdk: Reader = (fields) => {
  if (!has(fields, 'inputTokens', 'outputTokens')) return undefined;
  const input = inside(fields, 'inputTokens');
  const output = inside(fields, 'outputTokens');
  return {
    input: count(fields['inputTokens']) ?? count(input['total']),
    output: count(fields['outputTokens']) ?? count(output['total']),
    cacheRead: count(fields['cachedInputTokens']) ?? count(input['cacheRead']),
    cacheCreation: count(input['cacheWrite']),
    reasoning: count(fields['reasoningTokens']) ?? count(output['reasoning']),
  };
};

/** Google counts thoughts beside the answer. */
const google: Reader = (fields) => {
  if (!has(fields, 'promptTokenCount', 'candidatesTokenCount')) return undefined;
  const reasoning = count(fields['thoughtsTokenCount']);
  const answer = count(fields['candidatesTokenCount']);
  return {
    input: count(fields['promptTokenCount']),
    output: answer === undefined ? undefined : answer + (reasoning ?? 0),
    cacheRead: count(fields['cachedContentTokenCount']),
    reasoning,
  };
};

const legacyLangChain: Reader = (fields) => {
  if (!has(fields, 'promptTokens', 'completionTokens')) return undefined;
  return { input: count(fields['promptTokens']), output: count(fields['completionTokens']) };
};

const READERS: readonly Reader[] = [
  openAiChat,
  anthropic,
  inputAndOutput,
  aiSdk,
  google,
  legacyLangChain,
];

function has(fields: Fields, ...keys: readonly string[]): boolean {
  return keys.some((key) => fields[key] !== undefined && fields[key] !== null);
}

function inside(fields: Fields, ...keys: readonly string[]): Fields {
  const found = keys.map((key) => fields[key]).find((value) => typeof value === 'object' && value);
  return (found ?? {}) as Fields;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? Math.round(value)
    : undefined;
}

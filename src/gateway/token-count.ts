import type { ToolResult } from './tool-call.ts';

export interface CallTokens {
  readonly input: number;
  readonly output: number;
  readonly source: 'real' | 'estimate';
}

/** Names of input and output tokens, as providers' answers have them. */
const NAMES = [
  ['input_tokens', 'output_tokens'],
  ['prompt_tokens', 'completion_tokens'],
  ['inputTokens', 'outputTokens'],
  ['prompt_eval_count', 'eval_count'],
] as const;

const CHARACTERS_PER_TOKEN = 4;

/** What the answer says was used, whichever tool it is of; otherwise a quarter of the characters. */
export function countTokens(paramsJson: string, result: ToolResult | undefined): CallTokens {
  const reported = result === undefined ? undefined : reportedTokens(result);
  if (reported !== undefined) return { ...reported, source: 'real' };
  return {
    input: estimate(paramsJson.length),
    output: result === undefined ? 0 : estimate(lengthOf(result.value)),
    source: 'estimate',
  };
}

const estimate = (characters: number): number => Math.ceil(characters / CHARACTERS_PER_TOKEN);

function lengthOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  return typeof value === 'string' ? value.length : JSON.stringify(value).length;
}

function reportedTokens({ value, mcp }: ToolResult): { input: number; output: number } | undefined {
  const candidates = [value, mcp ?? value];
  for (const candidate of candidates) {
    if (!isObject(candidate)) continue;
    const structured = candidate['structuredContent'];
    const found =
      usageOf(candidate['usage']) ??
      usageOf(candidate) ??
      (isObject(structured) ? (usageOf(structured['usage']) ?? usageOf(structured)) : undefined) ??
      usageInText(candidate['content']);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** MCP servers wrap a provider's answer in one text of JSON. */
function usageInText(content: unknown): { input: number; output: number } | undefined {
  if (!Array.isArray(content) || content.length !== 1 || !isObject(content[0])) return undefined;
  const { text } = content[0];
  if (typeof text !== 'string' || !text.startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? (usageOf(parsed['usage']) ?? usageOf(parsed)) : undefined;
  } catch {
    return undefined;
  }
}

function usageOf(usage: unknown): { input: number; output: number } | undefined {
  if (!isObject(usage)) return undefined;
  for (const [inputName, outputName] of NAMES) {
    const [input, output] = [usage[inputName], usage[outputName]];
    if (isCount(input) && isCount(output) && input + output > 0) return { input, output };
  }
  return undefined;
}

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { GENAI_FLAG } from '../model/genai-columns.ts';
import type { Dialect, Operation } from './dialect.ts';
import { isRunRootName } from './run-root.ts';

/** All that decides what a span is. Equal inputs give equal natures, so callers keep the answers. */
export interface NatureInput {
  /** `gen_ai.operation.name`, or '' . */
  readonly operation: string;
  /** The dialect's own kind word, or ''. */
  readonly kind: string;
  readonly spanName: string;
  readonly hasTool: boolean;
  readonly hasModel: boolean;
  readonly hasTokens: boolean;
}

export interface SpanNature {
  readonly operation: Operation | '';
  readonly flags: number;
  /** Names found in the span's name; '' when there is none. */
  readonly agent: string;
  readonly tool: string;
  readonly model: string;
}

const MODEL_OPERATIONS: ReadonlySet<string> = new Set([
  'chat',
  'generate_content',
  'text_completion',
  'embeddings',
  'rerank',
]);
const RUN_OPERATIONS: ReadonlySet<string> = new Set(['invoke_agent', 'invoke_workflow']);
const AGGREGATE_OPERATIONS: ReadonlySet<string> = new Set([
  'invoke_agent',
  'invoke_workflow',
  'chain',
]);

export interface NatureRules {
  readonly dialects: readonly Dialect[];
  readonly runRootNames: readonly string[];
}

/** Says what a span is; `dialect` is its own dialect's index, or -1. */
export function natureOf(input: NatureInput, dialect: number, rules: NatureRules): SpanNature {
  const own = rules.dialects[dialect];
  const order = own === undefined ? rules.dialects : [own, ...rules.dialects];
  let operation = fromWords(input, order);
  const named = fromName(input.spanName, order, own);
  if (operation === '') operation = named?.operation ?? '';
  if (operation === '') operation = fromPresence(input);
  let flags = 0;
  if (isRunRootName(input.spanName, rules.runRootNames) || RUN_OPERATIONS.has(operation)) {
    flags |= GENAI_FLAG.runRoot;
  }
  const repeats = own?.aggregates?.some((pattern) => pattern.test(input.spanName)) === true;
  if (repeats || AGGREGATE_OPERATIONS.has(operation)) flags |= GENAI_FLAG.aggregate;
  else if (MODEL_OPERATIONS.has(operation)) flags |= GENAI_FLAG.modelCall;
  if (own?.estimated === true) flags |= GENAI_FLAG.tokensEstimated;
  return {
    operation,
    flags,
    agent: named?.agent ?? '',
    tool: named?.tool ?? '',
    model: named?.model ?? '',
  };
}

function fromWords(input: NatureInput, order: readonly Dialect[]): Operation | '' {
  for (const word of [input.operation.toLowerCase(), input.kind.toLowerCase()]) {
    if (word === '') continue;
    for (const dialect of order) {
      const operation = dialect.kinds?.[word];
      if (operation !== undefined) return operation;
    }
  }
  return '';
}

interface NamedSpan {
  readonly operation: Operation | undefined;
  readonly agent: string;
  readonly tool: string;
  readonly model: string;
}

function fromName(
  spanName: string,
  order: readonly Dialect[],
  own: Dialect | undefined,
): NamedSpan | undefined {
  for (const dialect of order) {
    for (const rule of dialect.spanNames ?? []) {
      if (dialect !== own && rule.anywhere !== true) continue;
      const match = rule.pattern.exec(spanName);
      if (match === null) continue;
      const group = (index: number | undefined): string =>
        index === undefined ? '' : (match[index] ?? '');
      return {
        operation: rule.operation,
        agent: group(rule.agentGroup),
        tool: group(rule.toolGroup),
        model: group(rule.modelGroup),
      };
    }
  }
  return undefined;
}

function fromPresence(input: NatureInput): Operation | '' {
  if (input.hasTool && !input.hasTokens) return 'execute_tool';
  if (input.hasModel && input.hasTokens) return 'chat';
  return '';
}

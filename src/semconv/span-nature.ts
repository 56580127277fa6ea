import { GENAI_FLAG } from '../model/genai-columns.ts';
import type { Dialect, Operation, SpanNameRule } from './dialect.ts';
import { isRunRootName } from './run-root.ts';
import { toldOperation } from './told-events.ts';

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
  /** Parts of span names; see `run-root.ts`. */
  readonly runRootNames: readonly string[];
}

/** Says what a span is; `dialect` is its own dialect's index, or -1. */
export function natureOf(input: NatureInput, dialect: number, rules: NatureRules): SpanNature {
  const own = rules.dialects[dialect];
  const order = own === undefined ? rules.dialects : [own, ...rules.dialects];
  const named = fromName(input, order, own);
  const operation =
    named?.rule.overrules === true && named.rule.operation !== undefined
      ? named.rule.operation
      : fromWords(input, order, own) ||
        (own && toldOperation(own, input.spanName)) ||
        named?.rule.operation ||
        fromPresence(input, own);
  const group = (index: number | undefined): string =>
    index === undefined ? '' : (named?.match[index] ?? '');
  return {
    operation,
    flags: flagsOf(operation, input, own, rules.runRootNames),
    agent: group(named?.rule.agentGroup) || nameFor('invoke_agent', operation, input, own),
    tool: group(named?.rule.toolGroup) || nameFor('execute_tool', operation, input, own),
    model: group(named?.rule.modelGroup),
  };
}

function nameFor(
  wanted: 'invoke_agent' | 'execute_tool',
  operation: Operation | '',
  input: NatureInput,
  own: Dialect | undefined,
): string {
  if (operation !== wanted || own === undefined) return '';
  if (own.namesAre?.includes(wanted) === true) return input.spanName;
  return (wanted === 'invoke_agent' && own.agentNames?.exec(input.spanName)?.[1]) || '';
}

function flagsOf(
  operation: Operation | '',
  input: NatureInput,
  own: Dialect | undefined,
  runRootNames: readonly string[],
): number {
  let flags = 0;
  if (RUN_OPERATIONS.has(operation) || isRunRootName(input.spanName, runRootNames)) {
    flags |= GENAI_FLAG.runRoot;
  }
  // A record is written under the name of its event.
  const isToldAnyway =
    own?.recordsTell === true && toldOperation(own, input.spanName) === undefined;
  if (isToldAnyway && MODEL_OPERATIONS.has(operation)) return flags;
  if (repeatsUsage(operation, input, own)) flags |= GENAI_FLAG.aggregate;
  else if (MODEL_OPERATIONS.has(operation)) flags |= GENAI_FLAG.modelCall;
  if (own?.estimated === true) flags |= GENAI_FLAG.tokensEstimated;
  return flags;
}

/**
 * Usage on a span that is no model call can only be a sum over calls. A tool's is not: what instrumentations
 * count there is the size of its arguments and results.
 */
function repeatsUsage(
  operation: Operation | '',
  input: NatureInput,
  own: Dialect | undefined,
): boolean {
  if (own?.aggregates?.some((pattern) => pattern.test(input.spanName)) === true) return true;
  if (AGGREGATE_OPERATIONS.has(operation)) return true;
  return input.hasTokens && operation !== 'execute_tool' && !MODEL_OPERATIONS.has(operation);
}

function fromWords(
  input: NatureInput,
  order: readonly Dialect[],
  own: Dialect | undefined,
): Operation | '' {
  const words = [input.operation.toLowerCase(), input.kind.toLowerCase()];
  if (own?.kindFirst === true) words.reverse();
  for (const word of words) {
    if (word === '') continue;
    for (const { kinds } of order) {
      if (kinds !== undefined && Object.hasOwn(kinds, word)) return kinds[word]!;
    }
  }
  return '';
}

function fromName(
  { spanName, hasTokens }: NatureInput,
  order: readonly Dialect[],
  own: Dialect | undefined,
): { rule: SpanNameRule; match: RegExpExecArray } | undefined {
  for (const dialect of order) {
    for (const rule of dialect.spanNames ?? []) {
      if (dialect !== own && rule.anywhere !== true) continue;
      if (rule.withTokens === true && !hasTokens) continue;
      const match = rule.pattern.exec(spanName);
      if (match !== null) return { rule, match };
    }
  }
  return undefined;
}

function fromPresence(input: NatureInput, own: Dialect | undefined): Operation | '' {
  if (input.hasTool && !input.hasTokens) return 'execute_tool';
  return input.hasModel && own?.mentionsModels !== true ? 'chat' : '';
}

/**
 * A dialect: how one family of instrumentations spells the GenAI view in span attributes.
 * A dialect is data. `key-roles.ts` compiles all of them into one table, looked up once per distinct key.
 */

/** The fields that attributes can fill. Order is of no consequence. */
export const FIELDS = [
  'agentName',
  'serviceName',
  'operation',
  /** The dialect's own word for what the span is, e.g. `LLM`, `workflow`, `generation`. */
  'kind',
  'requestModel',
  'responseModel',
  /** Who serves the model, e.g. `openai`, `aws.bedrock`. */
  'provider',
  'conversation',
  'user',
  'toolName',
  'toolCallId',
  'errorType',
  'finishReasons',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  /** US dollars, as the sender reckoned it. */
  'reportedCost',
] as const;

export type Field = (typeof FIELDS)[number];

export interface Alias {
  readonly field: Field;
  /** Counts only on spans whose `kind` or `operation` attribute has one of these values, compared in lower case. */
  readonly whenKind?: readonly string[];
  /** Counts only on spans of this very dialect: for keys too plain to mean the same everywhere. */
  readonly own?: true;
}

/** An attribute whose value is JSON text: paths (`a.b`) inside it and the fields they fill. */
export interface JsonAlias {
  readonly json: Readonly<Record<string, Field>>;
  readonly own?: true;
}

export interface SpanNameRule {
  readonly pattern: RegExp;
  readonly operation?: Operation;
  /** The capture group that holds the agent's, tool's or model's name. */
  readonly agentGroup?: number;
  readonly toolGroup?: number;
  readonly modelGroup?: number;
  /** Tells on spans of other dialects, and of none, too. */
  readonly anywhere?: true;
}

/** Operations: `gen_ai.operation.name` of the semantic conventions, and one for guardrails and evaluators. */
export const OPERATIONS = [
  'chat',
  'generate_content',
  'text_completion',
  'embeddings',
  'retrieval',
  'rerank',
  'create_agent',
  'invoke_agent',
  'invoke_workflow',
  'execute_tool',
  'plan',
  'memory',
  'chain',
  'guardrail',
  'evaluation',
] as const;

export type Operation = (typeof OPERATIONS)[number];

export interface Dialect {
  readonly id: string;
  /** What to call the framework behind it, when the dialect belongs to one. */
  readonly framework?: string;
  /** Instrumentation scopes that speak it: exact names, or patterns. */
  readonly scopes?: readonly (string | RegExp)[];
  /** Keys that only this dialect uses; a final `*` stands for any rest. Used when the scope does not tell. */
  readonly fingerprints?: readonly string[];
  /** Key → what it fills. Among keys for one field the earlier dialect, then the earlier key, wins. */
  readonly attributes: Readonly<Record<string, Field | Alias | JsonAlias>>;
  /** The dialect's kind words, in lower case, and what they are. */
  readonly kinds?: Readonly<Record<string, Operation>>;
  /** First match wins; consulted when no attribute says what the span is. */
  readonly spanNames?: readonly SpanNameRule[];
  /**
   * Whether `inputTokens` holds the cached tokens too. `by_size` (the default): it does, unless the cached
   * part is larger than the whole.
   */
  readonly cachedInput?: 'included' | 'excluded' | 'by_size';
  /** Whether `outputTokens` holds the reasoning tokens too; `included` by default. */
  readonly reasoningOutput?: 'included' | 'excluded';
  /** Names of spans whose usage repeats that of the spans below them. */
  readonly aggregates?: readonly RegExp[];
  /** Token counts are the instrumentation's guess, not the provider's figure. */
  readonly estimated?: true;
}

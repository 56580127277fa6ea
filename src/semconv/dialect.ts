/**
 * A dialect: how one family of instrumentations spells the GenAI view in span attributes.
 * A dialect is data. `key-roles.ts` compiles all of them into one table, looked up once per distinct key.
 */

/** The fields that attributes can fill. Order is of no consequence. */
export const FIELDS = [
  'agentName',
  'serviceName',
  /** A name of the whole trace: the agent's where not even the service has a name. */
  'traceName',
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
  /** How it ended, in a word or as a truth value; only failure is of interest (see `FAILURES`). */
  'outcome',
  'finishReasons',
  /** How the call was served where that has a price of its own: `batch`, `flex`, `priority`. */
  'serviceTier',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  /** Of the tokens written to a cache, those kept for five minutes and those kept for an hour. */
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'reasoningTokens',
  /** The sender's sum of the tokens: it tells which of the parts the wholes hold. */
  'totalTokens',
  /** US dollars, as the sender reckoned it. */
  'reportedCost',
] as const;

export type Field = (typeof FIELDS)[number];

/** Words of the field `outcome`, in lower case, that say failure. */
export const FAILURES: ReadonlySet<string> = new Set(['error', 'failed', 'failure', 'false']);

/**
 * Whether a whole (`inputTokens`, `outputTokens`) holds a part of it (the cached, the reasoning tokens).
 * `included` is the conventions' rule. `as_provider` takes the provider's own figures for granted:
 * Anthropic and Bedrock leave the cache out of the input, Google leaves the reasoning out of the output.
 * Whatever the rule, a part that is larger than the whole was left out of it.
 */
export type PartRule = 'included' | 'excluded' | 'as_provider';

/** How the counts that a dialect's own keys give are to be read. */
export interface CountRules {
  readonly cachedInput?: PartRule;
  readonly reasoningOutput?: PartRule;
  /**
   * The total is the provider's, of all tokens. Elsewhere it may be no more than the sum of the two wholes, which tells
   * nothing of the parts.
   */
  readonly totalHoldsAll?: true;
  /** Token counts are the instrumentation's guess, not the provider's figure. */
  readonly estimated?: true;
}

/** What holds for all spans of some scopes, whichever keys give the counts. */
export interface ScopeRule extends CountRules {
  readonly scopes: readonly ScopeName[];
  /** The framework's own phoning home: no agent of the user's is behind it. */
  readonly agentless?: true;
}

interface RoleOptions {
  /** Counts only on spans whose `kind` or `operation` attribute has one of these values, compared in lower case. */
  readonly whenKind?: readonly string[];
  /** Counts only on spans of this very dialect: for keys too plain to mean the same everywhere. */
  readonly own?: true;
  /** Believed before, or after, what all dialects' other keys say. */
  readonly believed?: 'first' | 'last';
  /** For the counts that this key gives, in place of the dialect's rule. */
  readonly cachedInput?: PartRule;
}

export interface Alias extends RoleOptions {
  readonly field: Field;
}

/**
 * An attribute whose value is JSON text: paths inside it and the fields they fill; of two paths for one
 * field the earlier wins. A path is names with dots between; `*` stands for the first element of an array
 * that has what follows.
 */
export interface JsonAlias extends RoleOptions {
  readonly json: Readonly<Record<string, Field>>;
}

export type Meaning = Alias | JsonAlias;

export interface SpanNameRule {
  readonly pattern: RegExp;
  readonly operation?: Operation;
  /** The capture group that holds the agent's, tool's or model's name. */
  readonly agentGroup?: number;
  readonly toolGroup?: number;
  readonly modelGroup?: number;
  /** Tells on spans of other dialects, and of none, too. */
  readonly anywhere?: true;
  /** Only where the span tells of tokens. */
  readonly withTokens?: true;
  /** Is right even where an attribute says otherwise; only on spans of this very dialect. */
  readonly overrules?: true;
}

/** Operations: `gen_ai.operation.name` of the semantic conventions, and a few for what frameworks add. */
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

/** What one kind of log record tells of. */
export interface ToldEvent {
  /** What the span would be that it stands for; `invoke_agent` is the beginning of a run, of which no end is told. */
  readonly operation: Operation;
  /** Attributes that must have one of the values for the record to tell of anything. */
  readonly when?: Readonly<Record<string, readonly string[]>>;
  /** Attributes of which the record must have one. */
  readonly needs?: readonly string[];
  /** It tells of a failure, whatever else it says. */
  readonly failed?: true;
}

/**
 * How a program that sends log records where others send spans tells of its calls: a record stands for a span with the
 * record's attributes that ended when the record was made.
 */
export interface EventRules extends CountRules {
  /** What begins the names of its events; a record of the dialect's own scopes may leave it out. */
  readonly prefix: string;
  /** By the name behind the prefix. */
  readonly told: Readonly<Record<string, ToldEvent>>;
  /** The attribute with the conversation's id: what is told of one conversation belongs together. */
  readonly conversation: string;
  /** The attribute with the id of the prompt that a record follows from; all that follows from one is one run. */
  readonly prompt?: string;
  /** The attribute with how long it took, in milliseconds. */
  readonly durationMs?: string;
  /** Attributes with the text of an error: having one says that it failed. */
  readonly errors?: readonly string[];
}

/** An instrumentation scope: its exact name, or a pattern for it. */
export type ScopeName = string | RegExp;

export interface Dialect extends CountRules {
  readonly id: string;
  /** What to call the framework behind it, when the dialect belongs to one. */
  readonly framework?: string;
  /** Instrumentation scopes that speak it. */
  readonly scopes?: readonly ScopeName[];
  readonly scopeRules?: readonly ScopeRule[];
  /**
   * Keys that only this dialect uses; a final `*` stands for any rest. Used when the scope does not tell.
   * Where keys of several dialects meet on a span, the last dialect in order has it.
   */
  readonly fingerprints?: readonly string[];
  /**
   * Key → what it fills, or the several things that it may fill. Among keys for one field the earlier
   * dialect, then the earlier key, wins.
   */
  readonly attributes: Readonly<Record<string, Field | Meaning | readonly Meaning[]>>;
  /** The dialect's words for kinds and operations, in lower case, and what they are. */
  readonly kinds?: Readonly<Record<string, Operation>>;
  /** The kind word is right where it and `gen_ai.operation.name` differ. */
  readonly kindFirst?: true;
  /** Its log records tell of every call of a model, and of more than its spans do: those count nothing. */
  readonly recordsTell?: true;
  /** Its spans name models that they do not call: naming one makes no call of a span. */
  readonly mentionsModels?: true;
  /** First match wins; consulted when no attribute says what the span is. */
  readonly spanNames?: readonly SpanNameRule[];
  /** Operations whose spans are called by the very name of the tool or the agent. */
  readonly namesAre?: readonly ('execute_tool' | 'invoke_agent')[];
  /** Names of agents' spans that say the agent's name, in the first group. */
  readonly agentNames?: RegExp;
  /** Names of spans whose usage repeats that of the spans below them. */
  readonly aggregates?: readonly RegExp[];
  /** The log records that tell of calls. */
  readonly events?: EventRules;
}

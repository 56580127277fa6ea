import { context, SpanKind, type Context } from '@opentelemetry/api';

import { recordable } from './content.ts';
import { startModelCall, type ModelCall, type ModelOperation } from './model-call.ts';
import { providerOfName } from './model-provider.ts';
import { openSpan, type OwnedSpan } from './owned-span.ts';
import { isOff } from './shared-state.ts';
import { readUsage } from './token-usage.ts';
import { fieldsOf, numberOf, textOf, type Fields } from './fields.ts';

export interface LangChainOptions {
  /** Whether chains and graph nodes get spans too. True unless set. */
  readonly steps?: boolean | undefined;
}

/** A handler as LangChain.js takes it: `model.invoke(input, { callbacks: [langChainHandler()] })`. */
export interface LangChainHandler {
  readonly awaitHandlers: true;
  handleChatModelStart(
    llm: unknown,
    messages: unknown,
    runId: string,
    parentRunId?: string,
    extra?: Fields,
    tags?: readonly string[],
    metadata?: Fields,
  ): void;
  handleLLMStart(
    llm: unknown,
    prompts: unknown,
    runId: string,
    parentRunId?: string,
    extra?: Fields,
    tags?: readonly string[],
    metadata?: Fields,
  ): void;
  handleLLMNewToken(token: string, at: unknown, runId: string): void;
  handleLLMEnd(output: unknown, runId: string): void;
  handleLLMError(error: unknown, runId: string): void;
  handleToolStart(
    tool: unknown,
    input: string,
    runId: string,
    parentRunId?: string,
    tags?: readonly string[],
    metadata?: Fields,
    runName?: string,
    callId?: string,
  ): void;
  handleToolEnd(output: unknown, runId: string): void;
  handleToolError(error: unknown, runId: string): void;
  handleChainStart(
    chain: unknown,
    inputs: unknown,
    runId: string,
    parentRunId?: string,
    tags?: readonly string[],
    metadata?: Fields,
    runType?: string,
    runName?: string,
  ): void;
  handleChainEnd(outputs: unknown, runId: string): void;
  handleChainError(error: unknown, runId: string): void;
}

/** Runs that are open at once; beyond, the oldest is no longer known as a parent. */
const RUNS_MAX = 10_000;
/** LangGraph's mark for steps that are its own. */
const HIDDEN = 'langsmith:hidden';

/** The open runs of one handler, and the contexts in which their children begin. */
class Runs {
  readonly #within = new Map<string, Context>();
  readonly #spans = new Map<string, OwnedSpan | ModelCall>();

  parent(parentRunId: string | undefined): Context {
    return this.#within.get(parentRunId ?? '') ?? context.active();
  }

  add(runId: string, within: Context, span?: OwnedSpan | ModelCall): void {
    for (const map of [this.#within, this.#spans]) {
      const oldest = map.size >= RUNS_MAX ? map.keys().next().value : undefined;
      if (oldest !== undefined) map.delete(oldest);
    }
    this.#within.set(runId, within);
    if (span !== undefined) this.#spans.set(runId, span);
  }

  get(runId: string): OwnedSpan | ModelCall | undefined {
    return this.#spans.get(runId);
  }

  take(runId: string): OwnedSpan | ModelCall | undefined {
    const span = this.#spans.get(runId);
    this.#spans.delete(runId);
    this.#within.delete(runId);
    return span;
  }
}

/**
 * Spans for the models, tools and steps of LangChain.js and LangGraph. Handlers are told of a run's begin and end and
 * cannot put its work into a context, so that HTTP spans of a model's client stand beside the model's span, below the
 * same parent. One handler serves any number of runs.
 */
export function langChainHandler(options: LangChainOptions = {}): LangChainHandler {
  const runs = new Runs();
  return {
    // Awaited, the handler is told when things happen and in the caller's context.
    awaitHandlers: true,
    ...modelHandlers(runs),
    ...toolHandlers(runs),
    ...chainHandlers(runs, options.steps ?? true),
  };
}

type ModelHandlers = Pick<
  LangChainHandler,
  | 'handleChatModelStart'
  | 'handleLLMStart'
  | 'handleLLMNewToken'
  | 'handleLLMEnd'
  | 'handleLLMError'
>;

function modelHandlers(runs: Runs): ModelHandlers {
  const start =
    (operation: ModelOperation): LangChainHandler['handleChatModelStart'] =>
    (...[llm, input, runId, parentRunId, extra, , metadata]) => {
      if (isOff()) return;
      const asked = fieldsOf(extra?.['invocation_params']);
      const provider = textOf(metadata?.['ls_provider']);
      const call = startModelCall({
        operation,
        model:
          textOf(metadata?.['ls_model_name']) ??
          textOf(asked['model']) ??
          textOf(asked['model_name']),
        provider: provider === undefined ? undefined : providerOfName(provider),
        baseUrl: baseUrlOf(llm),
        temperature: numberOf(metadata?.['ls_temperature']) ?? numberOf(asked['temperature']),
        maxTokens: numberOf(metadata?.['ls_max_tokens']) ?? numberOf(asked['max_tokens']),
        ...(asked['stream'] === true ? { stream: true } : {}),
        input: plainMessages(input),
        tools: asked['tools'],
        parent: runs.parent(parentRunId),
      });
      runs.add(runId, call.context, call);
    };
  return {
    handleChatModelStart: start('chat'),
    handleLLMStart: start('text_completion'),
    handleLLMNewToken(_token, _at, runId) {
      const call = runs.get(runId);
      if (call !== undefined && 'chunk' in call) call.chunk();
    },
    handleLLMEnd(output, runId) {
      const call = runs.take(runId);
      if (call === undefined || !('note' in call)) return;
      call.note(answerOf(fieldsOf(output)));
      call.end();
    },
    handleLLMError: (error, runId) => runs.take(runId)?.fail(error),
  };
}

type ToolHandlers = Pick<LangChainHandler, 'handleToolStart' | 'handleToolEnd' | 'handleToolError'>;

function toolHandlers(runs: Runs): ToolHandlers {
  const [argumentsKey, resultKey] = ['gen_ai.tool.call.arguments', 'gen_ai.tool.call.result'];
  return {
    handleToolStart(...[tool, input, runId, parentRunId, , , runName, callId]) {
      if (isOff()) return;
      const name = runName ?? nameOf(tool) ?? 'tool';
      const text = recordable(input, argumentsKey);
      const span = openSpan({
        name: `execute_tool ${name}`,
        kind: SpanKind.INTERNAL,
        attributes: {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': name,
          'gen_ai.tool.type': 'function',
          ...(callId === undefined ? {} : { 'gen_ai.tool.call.id': callId }),
          ...(text === undefined ? {} : { [argumentsKey]: text }),
        },
        parent: runs.parent(parentRunId),
      });
      runs.add(runId, span.within, span);
    },
    handleToolEnd(output, runId) {
      const text = recordable(fieldsOf(output)['content'] ?? output, resultKey);
      runs.take(runId)?.end(text === undefined ? {} : { [resultKey]: text });
    },
    handleToolError: (error, runId) => runs.take(runId)?.fail(error),
  };
}

type ChainHandlers = Pick<
  LangChainHandler,
  'handleChainStart' | 'handleChainEnd' | 'handleChainError'
>;

function chainHandlers(runs: Runs, steps: boolean): ChainHandlers {
  return {
    handleChainStart(...[chain, , runId, parentRunId, tags, metadata, , runName]) {
      if (isOff()) return;
      const parent = runs.parent(parentRunId);
      if (!steps || tags?.includes(HIDDEN) === true) {
        runs.add(runId, parent);
        return;
      }
      const node = textOf(metadata?.['langgraph_node']);
      const span = openSpan({
        name: runName ?? nameOf(chain) ?? 'chain',
        kind: SpanKind.INTERNAL,
        attributes: node === undefined ? {} : { 'langgraph.node': node },
        parent,
      });
      runs.add(runId, span.within, span);
    },
    handleChainEnd: (_outputs, runId) => runs.take(runId)?.end(),
    handleChainError: (error, runId) => runs.take(runId)?.fail(error),
  };
}

/** LLMResult: generations by prompt and choice, each perhaps with a message that tells its usage. */
function answerOf(output: Fields): Parameters<ModelCall['note']>[0] {
  const lists = Array.isArray(output['generations']) ? output['generations'] : [];
  const generations = lists.flat().map(fieldsOf);
  const message = fieldsOf(generations[0]?.['message']);
  const response = fieldsOf(message['response_metadata']);
  const info = fieldsOf(generations[0]?.['generationInfo']);
  const own = textOf(message['id']);
  // Where a provider gives none, LangChain makes one up.
  const id = textOf(response['id']) ?? (own?.startsWith('run-') === true ? undefined : own);
  const model = textOf(response['model_name']) ?? textOf(response['model']);
  const finish = ['finish_reason', 'finishReason', 'stop_reason']
    .map((key) => textOf(response[key]) ?? textOf(info[key]))
    .find((reason) => reason !== undefined);
  const llmOutput = fieldsOf(output['llmOutput']);
  return {
    ...(id === undefined ? {} : { id }),
    ...(model === undefined ? {} : { model }),
    ...(finish === undefined ? {} : { finishReasons: [finish] }),
    usage:
      readUsage(message['usage_metadata']) ??
      readUsage(response['usage']) ??
      readUsage(llmOutput['tokenUsage']) ??
      readUsage(llmOutput['usage']),
    output: generations.map(
      (generation) => fieldsOf(generation['message'])['content'] ?? generation['text'],
    ),
  };
}

/** LangChain's messages in plain fields; what is none is left as it is. */
function plainMessages(input: unknown): unknown {
  if (!Array.isArray(input)) return input;
  return input.flat().map((message: unknown) => {
    const { content, type } = fieldsOf(message);
    const kind = fieldsOf(message)['getType'] ?? fieldsOf(message)['_getType'];
    const role: unknown = typeof kind === 'function' ? Reflect.apply(kind, message, []) : type;
    return content === undefined ? message : { role, content };
  });
}

function nameOf(serialized: unknown): string | undefined {
  const { name, id } = fieldsOf(serialized);
  return textOf(name) ?? (Array.isArray(id) ? textOf(id.at(-1)) : undefined);
}

function baseUrlOf(llm: unknown): string | undefined {
  const kwargs = fieldsOf(fieldsOf(llm)['kwargs']);
  const configuration = fieldsOf(kwargs['configuration']);
  return textOf(configuration['baseURL']) ?? textOf(kwargs['base_url']);
}

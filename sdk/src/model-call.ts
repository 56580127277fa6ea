import { context, SpanKind, type Attributes, type Context, type Span } from '@opentelemetry/api';

import { watchResult, watchStream } from './async-result.ts';
import { recordable } from './content.ts';
import { recordDuration, recordTokens } from './model-metrics.ts';
import { providerOfHost, serverOf } from './model-provider.ts';
import { readAnswer, type ModelAnswer } from './model-answer.ts';
import { NO_SPAN, startSpan } from './owned-span.ts';
import { isOff, shared } from './shared-state.ts';
import { cutSpan, failSpan } from './span-error.ts';
import { mergeUsage, type TokenUsage } from './token-usage.ts';

export type ModelOperation = 'chat' | 'text_completion' | 'generate_content' | 'embeddings';

export interface ModelCallOptions {
  /** The model that is asked for. */
  readonly model?: string | undefined;
  /** By the convention's names, e.g. `anthropic`. Found from `baseUrl` when left out, and never assumed. */
  readonly provider?: string | undefined;
  /** `chat` unless given. */
  readonly operation?: ModelOperation | undefined;
  /** Where the model is served. */
  readonly baseUrl?: string | undefined;
  readonly stream?: boolean | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly maxTokens?: number | undefined;
  /** The messages that are sent, recorded only where content is. */
  readonly input?: unknown;
  readonly system?: unknown;
  readonly tools?: unknown;
  readonly attributes?: Attributes | undefined;
  /** Where the span begins; the active context unless given. */
  readonly parent?: Context | undefined;
}

/** An open model call. Whatever happens first of `end`, `fail` and the time limit closes it; the rest is ignored. */
export interface ModelCall {
  readonly span: Span;
  /** The context of the call: what runs in it is its child. */
  readonly context: Context;
  run<T>(work: () => T): T;
  /** Notes what is known of the answer so far; later notes add to earlier ones. */
  note(answer: ModelAnswer): void;
  /** Notes that a piece of a streamed answer arrived. */
  chunk(): void;
  fail(error: unknown): void;
  end(answer?: ModelAnswer): void;
}

/**
 * Opens a span for a model call that is closed by hand: for background work and frameworks that call back. It
 * outlives the request that began it.
 */
export function startModelCall(options?: ModelCallOptions | null): ModelCall {
  return isOff() ? OFF : new OpenModelCall(options ?? {});
}

/**
 * Runs `work` inside a span for a model call. `work` returns the answer, a promise of it, or a stream; the span
 * closes when that is over. Usage, model and finish reasons are read from answers and chunks in the forms of the
 * common providers; `call.note` tells what cannot be found there.
 */
export function withModelCall<T>(
  options: ModelCallOptions | null | undefined,
  work: (call: ModelCall) => T,
): T {
  const call = startModelCall(options);
  if (call === OFF) return work(call);
  try {
    return watchModelResult(
      call.run(() => work(call)),
      call,
    );
  } catch (error) {
    call.fail(error);
    throw error;
  }
}

/** Closes `call` when `result` is over, with what it tells. */
export function watchModelResult<T>(result: T, call: ModelCall): T {
  return watchResult(result, outcomeOf(call), call.context);
}

/** Closes `call` when the stream is over, with what its chunks tell. */
export function watchModelStream<T extends AsyncIterable<unknown>>(stream: T, call: ModelCall): T {
  return watchStream(stream, outcomeOf(call), call.context);
}

function outcomeOf(call: ModelCall): Parameters<typeof watchResult>[1] {
  return {
    done: (value) => call.end(readAnswer(value)),
    failed: (error) => call.fail(error),
    chunk: (chunk) => {
      call.chunk();
      const answer = readAnswer(chunk);
      if (answer !== undefined) call.note(answer);
    },
  };
}

const OFF: ModelCall = {
  span: NO_SPAN,
  get context() {
    return context.active();
  },
  run: (work) => work(),
  note: () => undefined,
  chunk: () => undefined,
  fail: () => undefined,
  end: () => undefined,
};

/** A streamed answer that is longer is recorded up to here. */
const OUTPUT_CHARS_MAX = 262_144;

class OpenModelCall implements ModelCall {
  readonly span: Span;
  readonly context: Context;
  /** What span and metrics both say. */
  readonly #common: Attributes;
  readonly #startedMs = performance.now();
  #firstChunkMs: number | undefined;
  #usage: TokenUsage | undefined;
  #answer: ModelAnswer = {};
  #output = '';
  #open = true;

  constructor(options: ModelCallOptions) {
    this.#common = commonAttributes(options);
    const operation = options.operation ?? 'chat';
    const { span, within } = startSpan({
      name: spanName(operation, options.model),
      kind: SpanKind.CLIENT,
      attributes: { ...this.#common, ...requestAttributes(options) },
      parent: options.parent,
    });
    this.span = span;
    this.context = within;
    shared.openSpans.add(
      this,
      (reason) => this.#close(cutSpan(span, reason)),
      shared.settings.modelCallMsMax,
    );
  }

  run<T>(work: () => T): T {
    return context.with(this.context, work);
  }

  note(answer: ModelAnswer): void {
    if (!this.#open) return;
    const { usage, outputDelta, ...rest } = answer;
    this.#answer = { ...this.#answer, ...rest };
    if (usage !== undefined) this.#usage = mergeUsage(this.#usage, usage);
    if (outputDelta !== undefined && shared.settings.captureContent) {
      if (this.#output.length < OUTPUT_CHARS_MAX) this.#output += outputDelta;
    }
  }

  chunk(): void {
    this.#firstChunkMs ??= performance.now();
  }

  fail(error: unknown): void {
    if (this.#open) this.#close(failSpan(this.span, error));
  }

  end(answer?: ModelAnswer): void {
    if (answer !== undefined) this.note(answer);
    this.#close(undefined);
  }

  #close(errorType: string | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    shared.openSpans.delete(this);
    const { model } = this.#answer;
    const attributes: Attributes = {
      ...this.#common,
      ...(model === undefined ? {} : { 'gen_ai.response.model': model }),
    };
    if (this.span.isRecording()) this.span.setAttributes(this.#answerAttributes());
    if (this.#usage !== undefined) recordTokens(this.#usage, attributes, this.context);
    recordDuration(
      (performance.now() - this.#startedMs) / 1000,
      errorType === undefined ? attributes : { ...attributes, 'error.type': errorType },
      this.context,
    );
    this.span.end();
  }

  #answerAttributes(): Attributes {
    const { id, model, finishReasons, output = this.#output || undefined } = this.#answer;
    const first = this.#firstChunkMs;
    const outputKey = 'gen_ai.output.messages';
    return {
      ...usageAttributes(this.#usage),
      ...(id === undefined ? {} : { 'gen_ai.response.id': id }),
      ...(model === undefined ? {} : { 'gen_ai.response.model': model }),
      ...(finishReasons === undefined
        ? {}
        : { 'gen_ai.response.finish_reasons': [...finishReasons] }),
      ...(first === undefined
        ? {}
        : { 'gen_ai.response.time_to_first_chunk': (first - this.#startedMs) / 1000 }),
      ...content(outputKey, output),
    };
  }
}

function spanName(operation: ModelOperation, model: string | undefined): string {
  if (shared.settings.spanNames === 'gen_ai.chat') return `gen_ai.${operation}`;
  return model === undefined ? operation : `${operation} ${model}`;
}

function commonAttributes(options: ModelCallOptions): Attributes {
  const server = serverOf(options.baseUrl);
  const provider = options.provider ?? (server && providerOfHost(server.host));
  return {
    'gen_ai.operation.name': options.operation ?? 'chat',
    ...(provider === undefined
      ? {}
      : { 'gen_ai.provider.name': provider, 'gen_ai.system': provider }),
    ...(options.model === undefined ? {} : { 'gen_ai.request.model': options.model }),
    ...(server === undefined ? {} : { 'server.address': server.host, 'server.port': server.port }),
  };
}

function requestAttributes(options: ModelCallOptions): Attributes {
  const { stream, temperature, topP, maxTokens } = options;
  return {
    ...(stream === undefined ? {} : { 'gen_ai.request.stream': stream }),
    ...(temperature === undefined ? {} : { 'gen_ai.request.temperature': temperature }),
    ...(topP === undefined ? {} : { 'gen_ai.request.top_p': topP }),
    ...(maxTokens === undefined ? {} : { 'gen_ai.request.max_tokens': maxTokens }),
    ...content('gen_ai.input.messages', options.input),
    ...content('gen_ai.system_instructions', options.system),
    ...content('gen_ai.tool.definitions', options.tools),
    ...options.attributes,
  };
}

/** Both the names that the convention has now and those from before it had any for the cache. */
function usageAttributes(usage: TokenUsage | undefined): Attributes {
  if (usage === undefined) return {};
  const { input, output, cacheRead, cacheCreation, reasoning } = usage;
  return {
    ...(input === undefined ? {} : { 'gen_ai.usage.input_tokens': input }),
    ...(output === undefined ? {} : { 'gen_ai.usage.output_tokens': output }),
    ...(cacheRead === undefined
      ? {}
      : {
          'gen_ai.usage.cache_read.input_tokens': cacheRead,
          'gen_ai.usage.cache_read_input_tokens': cacheRead,
        }),
    ...(cacheCreation === undefined
      ? {}
      : {
          'gen_ai.usage.cache_creation.input_tokens': cacheCreation,
          'gen_ai.usage.cache_creation_input_tokens': cacheCreation,
        }),
    ...(reasoning === undefined ? {} : { 'gen_ai.usage.reasoning.output_tokens': reasoning }),
  };
}

function content(attribute: string, value: unknown): Attributes {
  const text = recordable(value, attribute);
  return text === undefined ? {} : { [attribute]: text };
}

import { isStream, watchStream } from './async-result.ts';
import type { ModelAnswer } from './model-answer.ts';
import { startModelCall, type ModelCall } from './model-call.ts';
import { providerOfName } from './model-provider.ts';
import { isOff } from './shared-state.ts';
import { readUsage } from './token-usage.ts';
import { numberOf, textOf, type Fields } from './fields.ts';

type Generate = (options: never) => PromiseLike<unknown>;

/** A language model of the AI SDK: version 1 (`ai` 4), 2, 3 or later of its specification. */
export interface LanguageModel {
  readonly provider: string;
  readonly modelId: string;
  doGenerate: Generate;
  doStream: Generate;
}

/**
 * The model with its calls watched, for `generateText`, `streamText` and agents of the AI SDK (`ai`). Every step
 * of an agent is a call of its own.
 */
export function instrumentLanguageModel<T extends LanguageModel>(model: T): T {
  const watched: Partial<Record<string | symbol, unknown>> = {
    doGenerate: async (options: never) => {
      if (isOff()) return model.doGenerate(options);
      const call = open(model, options, false);
      try {
        const result = await call.run(() => model.doGenerate(options));
        call.end(answerOf(result as Fields));
        return result;
      } catch (error) {
        call.fail(error);
        throw error;
      }
    },
    doStream: async (options: never) => {
      if (isOff()) return model.doStream(options);
      const call = open(model, options, true);
      try {
        const result = (await call.run(() => model.doStream(options))) as Fields;
        const { stream } = result;
        return isStream(stream) ? { ...result, stream: watchParts(stream, call) } : result;
      } catch (error) {
        call.fail(error);
        throw error;
      }
    },
  };
  return new Proxy(model, {
    get: (target, key) => watched[key] ?? (Reflect.get(target, key, target) as unknown),
  });
}

function open(model: LanguageModel, options: unknown, stream: boolean): ModelCall {
  const fields = (options ?? {}) as Fields;
  return startModelCall({
    model: model.modelId,
    provider: providerOfName(model.provider),
    ...(stream ? { stream } : {}),
    temperature: numberOf(fields['temperature']),
    topP: numberOf(fields['topP']),
    maxTokens: numberOf(fields['maxOutputTokens']),
    input: fields['prompt'],
    tools: fields['tools'],
  });
}

function watchParts(stream: AsyncIterable<unknown>, call: ModelCall): AsyncIterable<unknown> {
  const outcome = {
    done: () => call.end(),
    failed: (error: unknown) => call.fail(error),
    chunk(part: unknown) {
      const fields = (part ?? {}) as Fields;
      // The first part tells that the stream began, before the model has said anything.
      if (fields['type'] !== 'stream-start') call.chunk();
      if (fields['type'] === 'error') call.fail(fields['error']);
      else call.note(partOf(fields));
    },
  };
  return watchStream(stream, outcome, call.context);
}

function partOf(part: Fields): ModelAnswer {
  switch (part['type']) {
    case 'response-metadata':
      return { id: textOf(part['id']), model: textOf(part['modelId']) };
    case 'text-delta':
      return { outputDelta: textOf(part['delta']) ?? textOf(part['textDelta']) };
    case 'finish':
      return answerOf(part);
    default:
      return {};
  }
}

function answerOf(result: Fields): ModelAnswer {
  const response = (result['response'] ?? {}) as Fields;
  const id = textOf(response['id']);
  const model = textOf(response['modelId']);
  const reason = result['finishReason'];
  // Version 1 tells the text alone.
  const text = textOf(result['text']);
  const content = result['content'] ?? (text === undefined ? undefined : [{ type: 'text', text }]);
  const finish = textOf(reason) ?? textOf((reason as Fields | undefined)?.['unified']);
  return {
    ...(id === undefined ? {} : { id }),
    ...(model === undefined ? {} : { model }),
    ...(finish === undefined ? {} : { finishReasons: [finish] }),
    usage: readUsage(result['usage']),
    ...(content === undefined ? {} : { output: [{ role: 'assistant', content }] }),
  };
}

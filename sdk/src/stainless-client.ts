import { replaceMethod } from './instrumented.ts';
import {
  startModelCall,
  watchModelStream,
  type ModelCall,
  type ModelCallOptions,
  type ModelOperation,
} from './model-call.ts';
import { readAnswer } from './model-answer.ts';
import { isStream, isThenable } from './async-result.ts';
import { isOff } from './shared-state.ts';
import { numberOf, textOf, type Fields } from './fields.ts';

/** A method of a client, e.g. `chat.completions.create`, and what it does. */
export interface ModelMethod {
  readonly path: string;
  readonly operation: ModelOperation;
}

/** What OpenAI's and Anthropic's generated clients return: a promise that parses when it is asked to. */
interface LazyPromise extends PromiseLike<unknown> {
  readonly responsePromise?: PromiseLike<unknown>;
  readonly parsedPromise?: PromiseLike<unknown>;
  parseResponse?: (...args: unknown[]) => Promise<unknown>;
  asResponse?: () => Promise<unknown>;
}

/** Opens a span around each call of the methods. The client's promises and streams stay what they are. */
export function watchMethods(
  client: object,
  methods: readonly ModelMethod[],
  baseUrl: () => string | undefined,
): void {
  for (const { path, operation } of methods) {
    const names = path.split('.');
    const owner = ownerOf(client, names.slice(0, -1));
    if (owner === undefined) continue;
    replaceMethod(owner, names.at(-1)!, (original, args) => {
      if (isOff()) return original(...args);
      const call = startModelCall({
        ...requestOf(args[0]),
        operation,
        baseUrl: baseUrl(),
      });
      try {
        return watchLazy(
          call.run(() => original(...args)),
          call,
        );
      } catch (error) {
        call.fail(error);
        throw error;
      }
    });
  }
}

function ownerOf(client: object, names: readonly string[]): object | undefined {
  let owner: unknown = client;
  for (const name of names) {
    if (typeof owner !== 'object' || owner === null) return undefined;
    owner = Reflect.get(owner, name);
  }
  return typeof owner === 'object' && owner !== null ? owner : undefined;
}

/**
 * Listens where the promise parses its response, which happens at most once and only if the caller wants it: to
 * ask for the answer ourselves would read a body that the caller may want raw.
 */
function watchLazy(result: unknown, call: ModelCall): unknown {
  const promise = result as LazyPromise;
  const { parseResponse, asResponse } = promise;
  if (parseResponse === undefined || asResponse === undefined) {
    if (isThenable(result)) return result.then(...outcomeOf(call));
    return result;
  }
  promise.parseResponse = async (...args) => {
    try {
      const value = await Reflect.apply(parseResponse, promise, args);
      return outcomeOf(call)[0](value);
    } catch (error) {
      call.fail(error);
      throw error;
    }
  };
  promise.asResponse = async () => {
    const response = await Reflect.apply(asResponse, promise, []);
    if (promise.parsedPromise === undefined) call.end();
    return response;
  };
  void promise.responsePromise?.then(undefined, (error: unknown) => call.fail(error));
  return promise;
}

function outcomeOf(
  call: ModelCall,
): [done: (value: unknown) => unknown, failed: (error: unknown) => never] {
  return [
    (value) => {
      if (isStream(value)) return watchModelStream(value, call);
      call.end(readAnswer(value));
      return value;
    },
    (error) => {
      call.fail(error);
      throw error;
    },
  ];
}

function requestOf(body: unknown): ModelCallOptions {
  if (typeof body !== 'object' || body === null) return {};
  const fields = body as Fields;
  const limits = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'];
  return {
    model: textOf(fields['model']),
    stream: fields['stream'] === true ? true : undefined,
    temperature: numberOf(fields['temperature']),
    topP: numberOf(fields['top_p']),
    maxTokens: limits.map((name) => numberOf(fields[name])).find((limit) => limit !== undefined),
    input: fields['messages'] ?? fields['input'] ?? fields['prompt'],
    system: fields['system'] ?? fields['instructions'],
    tools: fields['tools'],
  };
}

import { context, type Context } from '@opentelemetry/api';

import { replaceMethod } from './instrumented.ts';

/** Told once of how some work went. */
export interface Outcome {
  readonly done: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/** What is told of a stream besides its end. */
export interface StreamOutcome extends Outcome {
  readonly chunk?: (chunk: unknown) => void;
}

/**
 * Watches what a function returned and gives it back: `outcome` hears of it at once for a plain value, when it
 * settles for a promise, and at its end for an asynchronous iterable, whether bare or in a promise.
 */
export function watchResult<T>(result: T, outcome: StreamOutcome, within: Context): T {
  if (result instanceof Promise) return watchPromise(result, outcome, within);
  if (isThenable(result)) return watchThenable(result, outcome, within);
  if (isStream(result)) return watchStream(result, outcome, within);
  outcome.done(result);
  return result;
}

function watchPromise<T extends PromiseLike<unknown>>(
  promise: T,
  outcome: StreamOutcome,
  within: Context,
): T {
  const settled = promise.then(
    (value) => {
      if (isStream(value)) return watchStream(value, outcome, within);
      outcome.done(value);
      return value;
    },
    (error: unknown) => {
      outcome.failed(error);
      throw error;
    },
  );
  if (promise.constructor === Promise) return settled as unknown as T;
  // A richer promise keeps its methods: the caller gets the very one, and its failure is the caller's to handle.
  settled.then(undefined, () => undefined);
  return promise;
}

/**
 * A query of a database is often a thenable that runs anew at each `then`: its only run stays the caller's, and is
 * watched where it is asked for.
 */
function watchThenable<T extends PromiseLike<unknown>>(
  thenable: T,
  outcome: StreamOutcome,
  within: Context,
): T {
  try {
    replaceMethod(thenable, 'then', (then, [onDone, onFailed]) => {
      const done = (value: unknown): unknown => {
        const result: unknown = isStream(value) ? watchStream(value, outcome, within) : value;
        if (!isStream(value)) outcome.done(value);
        return typeof onDone === 'function' ? (onDone(result) as unknown) : result;
      };
      const failed = (error: unknown): unknown => {
        outcome.failed(error);
        if (typeof onFailed === 'function') return onFailed(error) as unknown;
        throw error;
      };
      return context.with(within, () => then(done, failed));
    });
  } catch {
    // One that is frozen cannot be watched.
    outcome.done(undefined);
  }
  return thenable;
}

type Stream = AsyncIterable<unknown> & { iterator?: unknown };

/**
 * The same stream, watched in place so that its other methods stay. Reading it runs in `within`; leaving the loop
 * early is an end like any other.
 */
export function watchStream<T extends AsyncIterable<unknown>>(
  stream: T,
  outcome: StreamOutcome,
  within: Context,
): T {
  if (stream instanceof ReadableStream) return watchReadable(stream, outcome, within);
  if (isNodeReadable(stream)) return watchEvents(stream, outcome);
  if (isIterator(stream)) return watchOwnSteps(stream, outcome, within);
  // OpenAI's and Anthropic's streams make all their ways of reading from this one function.
  const key = typeof (stream as Stream).iterator === 'function' ? 'iterator' : Symbol.asyncIterator;
  const original = Reflect.get(stream, key) as () => AsyncIterator<unknown>;
  const watched = (): AsyncIterableIterator<unknown> =>
    watchIterator(Reflect.apply(original, stream, []), outcome, within);
  try {
    Object.defineProperty(stream, key, { value: watched, configurable: true, writable: true });
    return stream;
  } catch {
    return new Proxy(stream, {
      get(target, property) {
        if (property === key) return watched;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }
}

/** A generator is its own iterator, and may be stepped without asking for one. */
function watchOwnSteps<T extends AsyncIterator<unknown>>(
  iterator: T,
  outcome: StreamOutcome,
  within: Context,
): T {
  const plain: AsyncIterator<unknown> = {
    next: iterator.next.bind(iterator),
    ...(iterator.return ? { return: iterator.return.bind(iterator) } : {}),
    ...(iterator.throw ? { throw: iterator.throw.bind(iterator) } : {}),
  };
  const watched = watchIterator(plain, outcome, within);
  return Object.assign(iterator, {
    next: (...values: []) => watched.next(...values),
    return: (value?: unknown) => watched.return!(value),
    throw: (error?: unknown) => watched.throw!(error),
  });
}

interface NodeReadable {
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  readonly pipe: unknown;
  readonly emit: unknown;
}

/** However a stream of Node's is read, whether by events, a pipe or a loop, it emits what is read of it. */
function watchEvents<T extends NodeReadable>(stream: T, outcome: StreamOutcome): T {
  if (stream.readableEnded || stream.destroyed) outcome.done(undefined);
  replaceMethod(stream, 'emit', (emit, args) => {
    const [event, value] = args;
    if (event === 'data') outcome.chunk?.(value);
    else if (event === 'error') outcome.failed(value);
    else if (event === 'end' || event === 'close') outcome.done(undefined);
    return emit(...args);
  });
  return stream;
}

/** A web stream can be read in many ways, so that another takes its place; one of bytes stays one. */
function watchReadable<T extends ReadableStream<unknown>>(
  stream: T,
  outcome: StreamOutcome,
  within: Context,
): T {
  // Somebody reads it already: it cannot be watched.
  if (stream.locked) {
    outcome.done(undefined);
    return stream;
  }
  const isBytes = isByteStream(stream);
  const reader = stream.getReader();
  const pull = async (
    controller: ReadableStreamDefaultController<unknown> | ReadableByteStreamController,
  ): Promise<void> => {
    try {
      const { done, value } = await context.with(within, () => reader.read());
      if (done) {
        outcome.done(undefined);
        controller.close();
        // Who brought a buffer waits for it until it is given back.
        if ('byobRequest' in controller) controller.byobRequest?.respond(0);
      } else {
        outcome.chunk?.(value);
        controller.enqueue(value as never);
      }
    } catch (error) {
      outcome.failed(error);
      controller.error(error);
    }
  };
  const cancel = async (reason: unknown): Promise<void> => {
    outcome.done(undefined);
    await reader.cancel(reason);
  };
  const watched = isBytes
    ? new ReadableStream({ type: 'bytes', pull, cancel })
    : new ReadableStream<unknown>({ pull, cancel }, { highWaterMark: 0 });
  return watched as T;
}

function isByteStream(stream: ReadableStream<unknown>): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

function watchIterator(
  iterator: AsyncIterator<unknown>,
  outcome: StreamOutcome,
  within: Context,
): AsyncIterableIterator<unknown> {
  const step = async (
    read: () => Promise<IteratorResult<unknown>>,
  ): Promise<IteratorResult<unknown>> => {
    try {
      const result = await context.with(within, read);
      if (result.done === true) outcome.done(undefined);
      else outcome.chunk?.(result.value);
      return result;
    } catch (error) {
      outcome.failed(error);
      throw error;
    }
  };
  return {
    next: (...values) => step(() => iterator.next(...values)),
    return: (value?: unknown) =>
      step(async () => (await iterator.return?.(value)) ?? { done: true, value }),
    throw: (error?: unknown) =>
      step(() => {
        if (iterator.throw === undefined) throw error;
        return iterator.throw(error);
      }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function isNodeReadable(stream: object): stream is AsyncIterable<unknown> & NodeReadable {
  const { pipe, emit } = stream as Partial<NodeReadable>;
  return typeof pipe === 'function' && typeof emit === 'function';
}

function isIterator(stream: object): stream is AsyncIterator<unknown> {
  return typeof (stream as Partial<AsyncIterator<unknown>>).next === 'function';
}

export function isStream(value: unknown): value is AsyncIterable<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';
}

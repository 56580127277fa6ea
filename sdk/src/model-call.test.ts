import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { withAgent, withTool } from './agent.ts';
import { startModelCall, withModelCall } from './model-call.ts';
import { DEFAULT_SETTINGS, shared } from './shared-state.ts';
import { recordTelemetry, type Recorded } from './testing/record-telemetry.ts';

let recorded: Recorded;
beforeEach(() => {
  recorded = recordTelemetry();
});
afterEach(async () => {
  shared.settings = DEFAULT_SETTINGS;
  await recorded.stop();
});

const ANSWER = {
  id: 'chatcmpl-1',
  model: 'gpt-4o-2024-08-06',
  choices: [{ finish_reason: 'stop', message: { role: 'assistant', content: 'Paris' } }],
  usage: {
    prompt_tokens: 120,
    completion_tokens: 7,
    prompt_tokens_details: { cached_tokens: 100 },
    completion_tokens_details: { reasoning_tokens: 3 },
  },
};

const OPTIONS = { model: 'gpt-4o', baseUrl: 'https://api.openai.com/v1' };

test('a model call is a client span with both spellings of its usage', async () => {
  expect(await withModelCall(OPTIONS, () => Promise.resolve(ANSWER))).toBe(ANSWER);
  expect(recorded.spans()).toEqual([
    {
      name: 'gen_ai.chat',
      kind: SpanKind.CLIENT,
      parent: undefined,
      status: { code: SpanStatusCode.UNSET },
      events: [],
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.system': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'server.address': 'api.openai.com',
        'server.port': 443,
        'gen_ai.response.id': 'chatcmpl-1',
        'gen_ai.response.model': 'gpt-4o-2024-08-06',
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.usage.input_tokens': 120,
        'gen_ai.usage.output_tokens': 7,
        'gen_ai.usage.cache_read.input_tokens': 100,
        'gen_ai.usage.cache_read_input_tokens': 100,
        'gen_ai.usage.reasoning.output_tokens': 3,
      },
    },
  ]);
});

test('tokens are one point for each direction, and the duration is in seconds', async () => {
  await withModelCall(OPTIONS, () => Promise.resolve(ANSWER));
  const common = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.system': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.model': 'gpt-4o-2024-08-06',
    'server.address': 'api.openai.com',
    'server.port': 443,
  };
  const [tokens, seconds] = await recorded.histograms();
  expect(tokens).toEqual({
    name: 'gen_ai.client.token.usage',
    unit: '{token}',
    boundaries: [
      1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
      67_108_864,
    ],
    points: [
      { attributes: { ...common, 'gen_ai.token.type': 'input' }, count: 1, sum: 120 },
      { attributes: { ...common, 'gen_ai.token.type': 'output' }, count: 1, sum: 7 },
      { attributes: { ...common, 'gen_ai.token.type': 'cache_read' }, count: 1, sum: 100 },
    ],
  });
  expect(seconds).toEqual({
    name: 'gen_ai.client.operation.duration',
    unit: 's',
    boundaries: [
      0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
    ],
    points: [{ attributes: common, count: 1, sum: expect.any(Number) as number }],
  });
  expect(seconds!.points[0]!.sum).toBeLessThan(5);
});

test('the name follows the current convention where that is asked for', async () => {
  shared.settings = { ...DEFAULT_SETTINGS, spanNames: 'operation model' };
  await withModelCall(OPTIONS, () => Promise.resolve({}));
  expect(recorded.spans().map(({ name }) => name)).toEqual(['chat gpt-4o']);
});

test('a provider is not assumed, and a count that was not reported is not recorded', async () => {
  await withModelCall({ model: 'm', baseUrl: 'http://10.0.0.1:8000/v1' }, () => Promise.resolve(1));
  expect(recorded.spans()[0]!.attributes).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'm',
    'server.address': '10.0.0.1',
    'server.port': 8000,
  });
  expect((await recorded.histograms()).map(({ name }) => name)).toEqual([
    'gen_ai.client.operation.duration',
  ]);
});

test('an error is recorded on the span and the duration, and reaches the caller', async () => {
  class RateLimitError extends Error {
    readonly status = 429;
  }
  const failing = withModelCall(OPTIONS, () => Promise.reject(new RateLimitError('slow down')));
  await expect(failing).rejects.toThrow('slow down');
  const [span] = recorded.spans();
  expect(span!.status).toEqual({ code: SpanStatusCode.ERROR, message: 'slow down' });
  expect(span!.attributes).toMatchObject({
    'error.type': 'RateLimitError',
    'http.response.status_code': 429,
  });
  expect(span!.events).toEqual([['exception', 'RateLimitError', 'slow down']]);
  const [seconds] = await recorded.histograms();
  expect(seconds!.points[0]!.attributes).toMatchObject({ 'error.type': 'RateLimitError' });
});

describe('a streamed answer', () => {
  async function* pieces(): AsyncGenerator {
    yield { id: 'chatcmpl-2', model: 'gpt-4o', choices: [{ delta: { content: 'Par' } }] };
    yield { choices: [{ delta: { content: 'is' }, finish_reason: 'stop' }] };
    yield { choices: [], usage: { prompt_tokens: 9, completion_tokens: 2 } };
  }

  test('keeps the span open until its end and takes the usage from its last chunk', async () => {
    shared.settings = { ...DEFAULT_SETTINGS, captureContent: true };
    const stream = await withModelCall({ model: 'gpt-4o' }, () => Promise.resolve(pieces()));
    expect(recorded.spans()).toEqual([]);
    let count = 0;
    for await (const _ of stream) count++;
    expect(count).toBe(3);
    expect(recorded.spans()[0]!.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.id': 'chatcmpl-2',
      'gen_ai.response.model': 'gpt-4o',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.time_to_first_chunk': expect.any(Number) as number,
      'gen_ai.usage.input_tokens': 9,
      'gen_ai.usage.output_tokens': 2,
      'gen_ai.output.messages': 'Paris',
    });
  });

  test('closes the span when the reader leaves early', async () => {
    const stream = withModelCall({ model: 'gpt-4o' }, () => pieces());
    for await (const _ of stream) break;
    expect(recorded.spans().map(({ status }) => status)).toEqual([{ code: SpanStatusCode.UNSET }]);
    expect(shared.openSpans.size).toBe(0);
  });

  test('closes the span as failed when it breaks off', async () => {
    async function* broken(): AsyncGenerator {
      yield 1;
      throw new DOMException('The operation was aborted', 'AbortError');
    }
    const stream = withModelCall({ model: 'gpt-4o' }, () => broken());
    const read = async (): Promise<void> => {
      for await (const _ of stream);
    };
    await expect(read()).rejects.toThrow('aborted');
    expect(recorded.spans()[0]!.attributes['error.type']).toBe('AbortError');
  });

  test('may be a web stream', async () => {
    const chunks = ReadableStream.from([{ usage: { input_tokens: 4, output_tokens: 1 } }]);
    const read = withModelCall({ model: 'gpt-4o' }, () => chunks).getReader();
    expect((await read.read()).done).toBe(false);
    expect(recorded.spans()).toEqual([]);
    expect((await read.read()).done).toBe(true);
    expect(recorded.spans()[0]!.attributes['gen_ai.usage.input_tokens']).toBe(4);
  });

  test('may be a stream of Node, however it is read', async () => {
    const chunks = () => Readable.from([{ usage: { input_tokens: 4, output_tokens: 1 } }]);
    const call = (stream: Readable) => withModelCall({ model: 'gpt-4o' }, () => stream);
    const heard = call(chunks());
    expect(recorded.spans()).toEqual([]);
    heard.on('data', () => undefined);
    await once(heard, 'end');
    for await (const _ of call(chunks()));
    await pipeline(
      call(chunks()),
      new Writable({ objectMode: true, write: (_, __, next) => next() }),
    );
    const left = call(chunks());
    left.destroy();
    await once(left, 'close');
    const broken = call(new Readable({ read: () => undefined }));
    broken.destroy(new TypeError('cut off'));
    await once(broken, 'error');
    expect(
      recorded
        .spans()
        .map(
          ({ attributes }) => attributes['gen_ai.usage.input_tokens'] ?? attributes['error.type'],
        ),
    ).toEqual([4, 4, 4, undefined, 'TypeError']);
    expect(shared.openSpans.size).toBe(0);
  });

  test('may be a web stream of bytes, read into a buffer of the reader', async () => {
    const source = new ReadableStream({
      type: 'bytes',
      pull(controller) {
        controller.enqueue(new Uint8Array([1, 2, 3]));
        controller.close();
      },
    });
    const reader = withModelCall({ model: 'gpt-4o' }, () => source).getReader({ mode: 'byob' });
    const first = await reader.read(new Uint8Array(8));
    expect([...first.value!]).toEqual([1, 2, 3]);
    expect(recorded.spans()).toEqual([]);
    expect((await reader.read(new Uint8Array(8))).done).toBe(true);
    expect(recorded.spans().map(({ status }) => status)).toEqual([{ code: SpanStatusCode.UNSET }]);
  });

  test('that somebody reads already is left to them', () => {
    const stream = ReadableStream.from(['a']);
    const reader = stream.getReader();
    expect(withModelCall({ model: 'gpt-4o' }, () => stream)).toBe(stream);
    reader.releaseLock();
    expect(recorded.spans()).toHaveLength(1);
  });
});

test('background work outlives the request that began it', async () => {
  const call = await withAgent({ name: 'writer' }, async () =>
    startModelCall({ model: 'gpt-4o', provider: 'openai' }),
  );
  expect(recorded.spans().map(({ name }) => name)).toEqual(['invoke_agent writer']);
  const inner = call.run(() => trace.getSpan(context.active()));
  expect(inner).toBe(call.span);
  call.end({ usage: { input: 5, output: 1 } });
  call.end();
  const [agent, chat] = recorded.spans();
  expect(chat!.parent).toBe(recorded.idOf('invoke_agent writer'));
  expect(chat!.attributes).toMatchObject({
    'gen_ai.agent.name': 'writer',
    'gen_ai.usage.input_tokens': 5,
  });
  expect(agent!.status).toEqual({ code: SpanStatusCode.UNSET });
});

test('a model that never answers leaves no span open', async () => {
  shared.settings = { ...DEFAULT_SETTINGS, modelCallMsMax: 20 };
  const never = withModelCall(OPTIONS, () => new Promise(() => undefined));
  await recorded.ended(1);
  expect(recorded.spans()[0]!.attributes['error.type']).toBe('timeout');
  expect([shared.openSpans.size, never instanceof Promise]).toEqual([0, true]);
});

test('agents and tools that never end leave no span open, nor keep a call waiting for its own limit', async () => {
  shared.settings = { ...DEFAULT_SETTINGS, modelCallMsMax: 20 };
  const never = new Promise(() => undefined);
  void withAgent({ name: 'writer' }, () => withModelCall(OPTIONS, () => never));
  await recorded.ended(1);
  expect(recorded.spans().map(({ name }) => name)).toEqual(['gen_ai.chat']);
  shared.settings = { ...DEFAULT_SETTINGS, spanMsMax: 20 };
  void withTool({ name: 'search' }, () => never);
  await recorded.ended(2);
  expect(recorded.spans()[1]).toMatchObject({
    name: 'execute_tool search',
    attributes: { 'error.type': 'timeout' },
    status: { code: SpanStatusCode.ERROR },
  });
  expect(shared.openSpans.size).toBe(1);
  shared.openSpans.endAll('shutdown');
});

test('content is recorded only where that is asked for, and after redaction', async () => {
  const options = { ...OPTIONS, input: [{ role: 'user', content: 'My card is 4111' }] };
  await withModelCall(options, () => Promise.resolve(ANSWER));
  shared.settings = {
    ...DEFAULT_SETTINGS,
    captureContent: true,
    redact: (text) => text.replaceAll(/\d{4}/g, '####'),
  };
  await withModelCall(options, () => Promise.resolve(ANSWER));
  const content = recorded
    .spans()
    .map(({ attributes }) => [
      attributes['gen_ai.input.messages'],
      attributes['gen_ai.output.messages'],
    ]);
  expect(content).toEqual([
    [undefined, undefined],
    ['[{"role":"user","content":"My card is ####"}]', '[{"role":"assistant","content":"Paris"}]'],
  ]);
});

test('a redaction hook that throws lets nothing through', () => {
  shared.settings = {
    ...DEFAULT_SETTINGS,
    captureContent: true,
    redact() {
      throw new Error('broken hook');
    },
  };
  withTool({ name: 'lookup', arguments: { secret: 1 } }, () => 'secret');
  expect(recorded.spans()[0]!.attributes).toMatchObject({
    'gen_ai.tool.call.arguments': '[redaction failed]',
    'gen_ai.tool.call.result': '[redaction failed]',
  });
});

test('a call of which nothing is known is a call', async () => {
  // oxlint-disable-next-line unicorn/no-null -- callers in JavaScript give it.
  expect(await withModelCall(null, () => Promise.resolve(1))).toBe(1);
  expect(withModelCall(undefined, () => 2)).toBe(2);
  expect(recorded.spans().map(({ name }) => name)).toEqual(['gen_ai.chat', 'gen_ai.chat']);
});

test('without any set-up the work runs and nothing is kept', async () => {
  trace.disable();
  metrics.disable();
  expect(await withModelCall(OPTIONS, () => Promise.resolve(ANSWER))).toBe(ANSWER);
  expect(shared.openSpans.size).toBe(0);
});

test('what cannot be read of an answer or an error is left out, and reaches the caller as it is', async () => {
  const answer = {
    get usage(): never {
      throw new Error('not loaded');
    },
  };
  expect(withModelCall(OPTIONS, () => answer)).toBe(answer);
  const error = new Error('refused');
  Object.defineProperty(error, 'message', {
    get(): never {
      throw new Error('not loaded');
    },
  });
  const call = withModelCall(OPTIONS, () => Promise.reject(error));
  expect(await call.catch((caught: unknown) => caught)).toBe(error);
  expect(recorded.spans().map(({ status }) => status.code)).toEqual([
    SpanStatusCode.UNSET,
    SpanStatusCode.ERROR,
  ]);
});

test('a query that runs at each then runs once, and is watched', async () => {
  let runs = 0;
  const query = (work: () => Promise<number>): PromiseLike<number> => ({
    // oxlint-disable-next-line unicorn/no-thenable -- query builders are such.
    then: (...handlers) => {
      runs++;
      return work().then(...handlers);
    },
  });
  expect(await withTool({ name: 'insert' }, () => query(() => Promise.resolve(3)))).toBe(3);
  const error = new Error('no such table');
  const failing = async (): Promise<number> =>
    await withTool({ name: 'insert' }, () => query(() => Promise.reject(error)));
  await expect(failing()).rejects.toBe(error);
  expect(runs).toBe(2);
  expect(recorded.spans().map(({ status }) => status.code)).toEqual([
    SpanStatusCode.UNSET,
    SpanStatusCode.ERROR,
  ]);
});

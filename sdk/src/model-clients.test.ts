import Anthropic from '@anthropic-ai/sdk';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { RunnableLambda } from '@langchain/core/runnables';
import { generateText, streamText } from 'ai';
import { MockLanguageModelV3, simulateReadableStream } from 'ai/test';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { withAgent } from './agent.ts';
import { instrumentLanguageModel } from './ai-sdk.ts';
import { instrumentAnthropic } from './anthropic.ts';
import { langChainHandler } from './langchain.ts';
import { instrumentOpenAI } from './openai.ts';
import { DEFAULT_SETTINGS, shared } from './shared-state.ts';
import { startModelServer, type ModelServer } from './testing/model-server.ts';
import { recordTelemetry, type Recorded } from './testing/record-telemetry.ts';

let recorded: Recorded;
let server: ModelServer;
beforeEach(async () => {
  recorded = recordTelemetry();
  server = await startModelServer();
});
afterEach(async () => {
  shared.settings = DEFAULT_SETTINGS;
  await server.close();
  await recorded.stop();
  expect(shared.openSpans.size).toBe(0);
});

const MESSAGES = [{ role: 'user' as const, content: 'Capital of France?' }];

/** What every span of these tests says, but for where the server happens to listen. */
function attributes(at = 0): Record<string, unknown> {
  const { 'server.address': host, 'server.port': port, ...rest } = recorded.spans()[at]!.attributes;
  if (host !== undefined) expect(`http://${String(host)}:${Number(port)}`).toBe(server.url);
  return rest;
}

describe('the client of openai', () => {
  const open = (): OpenAI =>
    instrumentOpenAI(new OpenAI({ apiKey: 'k', baseURL: `${server.url}/v1`, maxRetries: 0 }));
  const chat = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.id': 'chatcmpl-1',
    'gen_ai.response.model': 'gpt-4o-2024-08-06',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 30,
    'gen_ai.usage.output_tokens': 5,
    'gen_ai.usage.cache_read.input_tokens': 20,
    'gen_ai.usage.cache_read_input_tokens': 20,
    'gen_ai.usage.reasoning.output_tokens': 2,
  };

  test('tells of a chat, and its promise keeps its methods', async () => {
    const promise = open().chat.completions.create({ model: 'gpt-4o', messages: MESSAGES });
    const { data, response } = await promise.withResponse();
    expect([data.choices[0]!.message.content, response.status]).toEqual(['Paris', 200]);
    expect(attributes()).toEqual(chat);
  });

  test('tells of a streamed chat with its usage', async () => {
    const stream = await open().chat.completions.create({
      model: 'gpt-4o',
      messages: MESSAGES,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('Paris');
    expect(attributes()).toEqual({
      ...chat,
      'gen_ai.request.stream': true,
      'gen_ai.response.time_to_first_chunk': expect.any(Number) as number,
    });
  });

  test('tells of what its helpers ask for', async () => {
    const stream = open().chat.completions.stream({ model: 'gpt-4o', messages: MESSAGES });
    expect((await stream.finalChatCompletion()).choices[0]!.message.content).toBe('Paris');
    await open().chat.completions.parse({ model: 'gpt-4o', messages: MESSAGES });
    expect(recorded.spans().map((span) => span.attributes['gen_ai.usage.input_tokens'])).toEqual([
      30, 30,
    ]);
  });

  test('tells of responses and embeddings', async () => {
    const client = open();
    await client.responses.create({ model: 'gpt-5', input: 'Capital of France?' });
    await client.embeddings.create({ model: 'small', input: 'Paris' });
    expect([attributes(0), attributes(1)]).toEqual([
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-5',
        'gen_ai.response.id': 'resp_1',
        'gen_ai.response.model': 'gpt-5',
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.usage.input_tokens': 30,
        'gen_ai.usage.output_tokens': 5,
        'gen_ai.usage.cache_read.input_tokens': 20,
        'gen_ai.usage.cache_read_input_tokens': 20,
        'gen_ai.usage.reasoning.output_tokens': 2,
      },
      {
        'gen_ai.operation.name': 'embeddings',
        'gen_ai.request.model': 'small',
        'gen_ai.response.model': 'small',
        'gen_ai.usage.input_tokens': 8,
      },
    ]);
    expect(recorded.spans().map(({ name }) => name)).toEqual(['gen_ai.chat', 'gen_ai.embeddings']);
  });

  test('leaves a raw response to who asked for it', async () => {
    const response = await open()
      .chat.completions.create({ model: 'gpt-4o', messages: MESSAGES })
      .asResponse();
    expect(((await response.json()) as { id: string }).id).toBe('chatcmpl-1');
    expect(recorded.spans()).toHaveLength(1);
  });

  test('tells of an error, and of a stream that breaks off', async () => {
    const client = open();
    const limited = client.chat.completions.create({ model: 'limited', messages: MESSAGES });
    await expect(limited).rejects.toThrow('slow down');
    const stream = await client.chat.completions.create({
      model: 'broken',
      messages: MESSAGES,
      stream: true,
    });
    await expect(stream.toReadableStream().pipeTo(new WritableStream())).rejects.toThrow();
    expect([attributes(0)['error.type'], attributes(0)['http.response.status_code']]).toEqual([
      'RateLimitError',
      429,
    ]);
    expect(attributes(1)['error.type']).toBeDefined();
  });

  test('tells of a call that was aborted, and of a stream that was left', async () => {
    const client = open();
    const abort = new AbortController();
    const silent = client.chat.completions.create(
      { model: 'silent', messages: MESSAGES },
      { signal: abort.signal },
    );
    abort.abort();
    await expect(silent).rejects.toThrow('aborted');
    const stream = await client.chat.completions.create({
      model: 'gpt-4o',
      messages: MESSAGES,
      stream: true,
    });
    for await (const _ of stream) break;
    expect(attributes(0)['error.type']).toBe('APIUserAbortError');
    expect(attributes(1)['error.type']).toBeUndefined();
  });

  test('is not watched twice', async () => {
    const client = instrumentOpenAI(open());
    await client.chat.completions.create({ model: 'gpt-4o', messages: MESSAGES });
    expect(recorded.spans()).toHaveLength(1);
  });
});

describe('the client of anthropic', () => {
  const open = (): Anthropic =>
    instrumentAnthropic(new Anthropic({ apiKey: 'k', baseURL: server.url, maxRetries: 0 }));
  const request = { model: 'claude-sonnet-4-5', max_tokens: 50, messages: MESSAGES };
  const said = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'claude-sonnet-4-5',
    'gen_ai.request.max_tokens': 50,
    'gen_ai.response.id': 'msg_1',
    'gen_ai.response.model': 'claude-sonnet-4-5-20250929',
    'gen_ai.response.finish_reasons': ['end_turn'],
    'gen_ai.usage.input_tokens': 150,
    'gen_ai.usage.output_tokens': 5,
    'gen_ai.usage.cache_read.input_tokens': 100,
    'gen_ai.usage.cache_read_input_tokens': 100,
    'gen_ai.usage.cache_creation.input_tokens': 40,
    'gen_ai.usage.cache_creation_input_tokens': 40,
  };

  test('tells of a message once, with the cache as part of the input', async () => {
    await open().messages.create(request);
    expect(recorded.spans()).toHaveLength(1);
    expect(attributes()).toEqual(said);
  });

  test('tells of streams, plain and by the helper', async () => {
    const client = open();
    const stream = await client.messages.create({ ...request, stream: true });
    for await (const _ of stream);
    expect(await client.messages.stream(request).finalText()).toBe('Paris');
    const streamed = {
      ...said,
      'gen_ai.request.stream': true,
      'gen_ai.response.time_to_first_chunk': expect.any(Number) as number,
    };
    expect([attributes(0), attributes(1)]).toEqual([streamed, streamed]);
  });
});

describe('the AI SDK', () => {
  const usage = {
    inputTokens: { total: 30, noCache: 10, cacheRead: 20, cacheWrite: 0 },
    outputTokens: { total: 5, text: 3, reasoning: 2 },
  };
  const finishReason = { unified: 'stop' as const, raw: 'stop' };
  const response = { id: 'r-1', modelId: 'gpt-4o-2024-08-06' };
  const said = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.system': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.id': 'r-1',
    'gen_ai.response.model': 'gpt-4o-2024-08-06',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 30,
    'gen_ai.usage.output_tokens': 5,
    'gen_ai.usage.cache_read.input_tokens': 20,
    'gen_ai.usage.cache_read_input_tokens': 20,
    'gen_ai.usage.cache_creation.input_tokens': 0,
    'gen_ai.usage.cache_creation_input_tokens': 0,
    'gen_ai.usage.reasoning.output_tokens': 2,
  };

  test('tells of generated text', async () => {
    const model = new MockLanguageModelV3({
      provider: 'openai.chat',
      modelId: 'gpt-4o',
      doGenerate: {
        content: [{ type: 'text', text: 'Paris' }],
        finishReason,
        usage,
        response,
        warnings: [],
      },
    });
    const { text } = await generateText({ model: instrumentLanguageModel(model), prompt: 'Hi' });
    expect(text).toBe('Paris');
    expect(attributes()).toEqual(said);
  });

  test('tells of streamed text', async () => {
    const model = new MockLanguageModelV3({
      provider: 'openai.chat',
      modelId: 'gpt-4o',
      doStream: {
        stream: simulateReadableStream({
          chunks: [
            { type: 'stream-start', warnings: [] },
            { type: 'response-metadata', ...response },
            { type: 'text-start', id: '1' },
            { type: 'text-delta', id: '1', delta: 'Paris' },
            { type: 'text-end', id: '1' },
            { type: 'finish', finishReason, usage },
          ],
        }),
      },
    });
    const result = streamText({ model: instrumentLanguageModel(model), prompt: 'Hi' });
    expect(await result.text).toBe('Paris');
    expect(attributes()).toEqual({
      ...said,
      'gen_ai.request.stream': true,
      'gen_ai.response.time_to_first_chunk': expect.any(Number) as number,
    });
  });
});

test('models of version 1, as `ai` 4 has them, are told of with what they said', async () => {
  shared.settings = { ...DEFAULT_SETTINGS, captureContent: true };
  const end = { finishReason: 'stop', usage: { promptTokens: 30, completionTokens: 5 } };
  const model = instrumentLanguageModel({
    provider: 'openai.chat',
    modelId: 'gpt-4o',
    doGenerate: () => Promise.resolve({ text: 'Paris', ...end }),
    doStream: () =>
      Promise.resolve({
        stream: simulateReadableStream({
          chunks: [
            { type: 'text-delta', textDelta: 'Par' },
            { type: 'text-delta', textDelta: 'is' },
            { type: 'finish', ...end },
          ],
        }),
      }),
  });
  await model.doGenerate();
  const { stream } = await model.doStream();
  for await (const part of stream) expect(part).toHaveProperty('type');
  const told = recorded
    .spans()
    .map(({ attributes: said }) => [
      said['gen_ai.output.messages'],
      said['gen_ai.usage.input_tokens'],
      said['gen_ai.usage.output_tokens'],
    ]);
  expect(told).toEqual([
    ['[{"role":"assistant","content":[{"type":"text","text":"Paris"}]}]', 30, 5],
    ['Paris', 30, 5],
  ]);
});

describe('LangChain', () => {
  /** A chat model that tells its usage, as those of providers do. */
  class CountingModel extends FakeListChatModel {
    override async _generate(): Promise<never> {
      const message = new AIMessage({
        content: 'Paris',
        usage_metadata: {
          input_tokens: 30,
          output_tokens: 5,
          total_tokens: 35,
          input_token_details: { cache_read: 20, cache_creation: 4 },
        },
        response_metadata: { model_name: 'claude-haiku-4-5', finish_reason: 'stop' },
      } as never);
      return { generations: [{ text: 'Paris', message }] } as never;
    }

    override getLsParams(): never {
      return {
        ls_provider: 'anthropic',
        ls_model_name: 'claude-haiku',
        ls_model_type: 'chat',
      } as never;
    }
  }

  test('tells of models, tools and steps in one tree', async () => {
    const lookup = tool(({ city }) => `${city}: 20°`, {
      name: 'weather',
      description: 'The weather of a city',
      schema: z.object({ city: z.string() }),
    });
    const model = new CountingModel({ responses: ['unused'] });
    const chain = RunnableLambda.from(async (text: string, config) => {
      const message = await model.invoke([new HumanMessage(text)], config);
      return lookup.invoke({ city: message.text }, config);
    }).withConfig({ runName: 'answer' });
    await withAgent({ name: 'guide' }, () =>
      chain.invoke('Capital of France?', { callbacks: [langChainHandler()] }),
    );
    const spans = recorded.spans();
    expect(spans.map(({ name }) => name)).toEqual([
      'gen_ai.chat',
      'execute_tool weather',
      'answer',
      'invoke_agent guide',
    ]);
    const step = recorded.idOf('answer');
    expect(spans.map(({ parent }) => parent)).toEqual([
      step,
      step,
      recorded.idOf('invoke_agent guide'),
      undefined,
    ]);
    expect(attributes(0)).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.agent.name': 'guide',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.system': 'anthropic',
      'gen_ai.request.model': 'claude-haiku',
      'gen_ai.response.model': 'claude-haiku-4-5',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 30,
      'gen_ai.usage.output_tokens': 5,
      'gen_ai.usage.cache_read.input_tokens': 20,
      'gen_ai.usage.cache_read_input_tokens': 20,
      'gen_ai.usage.cache_creation.input_tokens': 4,
      'gen_ai.usage.cache_creation_input_tokens': 4,
    });
  });

  test('tells of a model that fails, and records content where that is asked for', async () => {
    shared.settings = { ...DEFAULT_SETTINGS, captureContent: true };
    class FailingModel extends CountingModel {
      override _generate(): Promise<never> {
        return Promise.reject(new TypeError('no such model'));
      }
    }
    const callbacks = [langChainHandler()];
    const failing = new FailingModel({ responses: [] }).invoke('Hi', { callbacks });
    await expect(failing).rejects.toThrow('no such model');
    await new CountingModel({ responses: [] }).invoke('Hi', { callbacks });
    expect([attributes(0)['error.type'], attributes(0)['gen_ai.input.messages']]).toEqual([
      'TypeError',
      '[{"role":"human","content":"Hi"}]',
    ]);
    expect(attributes(1)['gen_ai.output.messages']).toBe('["Paris"]');
  });
});

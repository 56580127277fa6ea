import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { mergeUsage, readUsage } from './token-usage.ts';

test.each([
  [
    'OpenAI chat',
    { prompt_tokens: 30, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 20 } },
    { input: 30, output: 5, cacheRead: 20 },
  ],
  [
    'OpenAI chat of a router that writes the cache',
    {
      prompt_tokens: 30,
      completion_tokens: 5,
      cache_creation_input_tokens: 4,
      cache_read_input_tokens: 20,
    },
    { input: 30, output: 5, cacheRead: 20, cacheCreation: 4 },
  ],
  [
    'OpenAI responses',
    {
      input_tokens: 30,
      output_tokens: 5,
      input_tokens_details: { cached_tokens: 20 },
      output_tokens_details: { reasoning_tokens: 2 },
    },
    { input: 30, output: 5, cacheRead: 20, reasoning: 2 },
  ],
  [
    'Anthropic, whose cache is beside the input',
    {
      input_tokens: 10,
      output_tokens: 5,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 40,
    },
    { input: 150, output: 5, cacheRead: 100, cacheCreation: 40 },
  ],
  ['Anthropic at the end of a stream', { output_tokens: 5 }, { output: 5 }],
  [
    'LangChain, whose cache is in the input',
    {
      input_tokens: 30,
      output_tokens: 5,
      input_token_details: { cache_read: 20, cache_creation: 4 },
    },
    { input: 30, output: 5, cacheRead: 20, cacheCreation: 4 },
  ],
  [
    'the AI SDK until version 5',
    { inputTokens: 30, outputTokens: 5, cachedInputTokens: 20, reasoningTokens: 2 },
    { input: 30, output: 5, cacheRead: 20, reasoning: 2 },
  ],
  [
    'the AI SDK since version 6',
    { inputTokens: { total: 30, cacheRead: 20 }, outputTokens: { total: 5, reasoning: undefined } },
    { input: 30, output: 5, cacheRead: 20 },
  ],
  [
    'Google, whose thoughts are beside the answer',
    { promptTokenCount: 30, candidatesTokenCount: 5, thoughtsTokenCount: 7 },
    { input: 30, output: 12, reasoning: 7 },
  ],
  ['LangChain’s older form', { promptTokens: 30, completionTokens: 5 }, { input: 30, output: 5 }],
])('reads %s', (_, usage, expected) => {
  expect(readUsage(usage)).toEqual(expected);
});

test('what says nothing is no usage, and 0 is a count', () => {
  expect([readUsage(undefined), readUsage({}), readUsage({ inputTokens: undefined })]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(readUsage({ prompt_tokens: 0 })).toEqual({ input: 0 });
});

test('a later report adds to an earlier one', () => {
  expect(mergeUsage({ input: 150, output: 1, cacheRead: 100 }, { output: 5 })).toEqual({
    input: 150,
    output: 5,
    cacheRead: 100,
  });
});

test('anything at all is read without an exception, and counts are whole and not negative', () => {
  fc.assert(
    fc.property(fc.anything(), fc.object(), (anything, object) => {
      for (const usage of [readUsage(anything), readUsage(object)]) {
        for (const count of Object.values(usage ?? {})) {
          if (count !== undefined) expect(Number.isInteger(count) && count >= 0).toBe(true);
        }
      }
    }),
  );
});

import { describe, expect, test } from 'vitest';

import type { TokenCounts, TokenRules } from './tokens.ts';
import { normalizeTokens } from './tokens.ts';

function normalized(
  counts: Partial<TokenCounts>,
  rules: Partial<TokenRules> = {},
): Partial<TokenCounts> {
  const all: TokenCounts = {
    input: undefined,
    output: undefined,
    cacheRead: undefined,
    cacheWrite: undefined,
    cacheWrite5m: undefined,
    cacheWrite1h: undefined,
    reasoning: undefined,
    total: undefined,
    ...counts,
  };
  normalizeTokens(all, { provider: '', ...rules });
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count !== undefined));
}

describe('cached tokens', () => {
  const counts = { input: 1000, cacheRead: 600, cacheWrite: 100 };

  test('are part of the input by the conventions', () => {
    expect(normalized(counts)).toEqual(counts);
    expect(normalized(counts, { cachedInput: 'included' })).toEqual(counts);
  });

  test('are added where the dialect leaves them out', () => {
    expect(normalized(counts, { cachedInput: 'excluded' })).toEqual({ ...counts, input: 1700 });
  });

  test.each([
    ['anthropic', 1700],
    ['aws.bedrock', 1700],
    ['openai', 1000],
    ['gcp.gemini', 1000],
    ['', 1000],
  ])('are added or not as %s counts, where its figures are passed on', (provider, input) => {
    expect(normalized(counts, { cachedInput: 'as_provider', provider }).input).toBe(input);
  });

  test('were left out for certain where they are more than the whole', () => {
    const small = { input: 5, cacheRead: 600 };
    expect(normalized(small, { cachedInput: 'included' }).input).toBe(605);
    expect(normalized({ input: 600, cacheRead: 600 }).input).toBe(600);
  });

  test('that are told by how long they are kept are written tokens, whether or not the whole holds them', () => {
    const parts = { cacheWrite5m: 100, cacheWrite1h: 300 };
    expect(normalized({ input: 1000, cacheWrite: 0, ...parts })).toEqual({
      input: 1000,
      cacheWrite: 400,
      ...parts,
    });
    expect(normalized({ input: 1000, cacheWrite: 400, ...parts }).cacheWrite).toBe(400);
    expect(normalized({ input: 1000, ...parts }, { cachedInput: 'excluded' }).input).toBe(1400);
  });

  test('make no input where none was reported', () => {
    expect(normalized({ cacheRead: 600 }, { cachedInput: 'excluded' })).toEqual({ cacheRead: 600 });
  });
});

describe('reasoning tokens', () => {
  const counts = { output: 100, reasoning: 80 };

  test('are part of the output by the conventions', () => {
    expect(normalized(counts)).toEqual(counts);
  });

  test('are added where the dialect leaves them out', () => {
    expect(normalized(counts, { reasoningOutput: 'excluded' })).toEqual({ ...counts, output: 180 });
  });

  test.each([
    ['gcp.gemini', 180],
    ['gcp.vertex_ai', 180],
    ['openai', 100],
    ['anthropic', 100],
  ])('are added or not as %s counts, where its figures are passed on', (provider, output) => {
    expect(normalized(counts, { reasoningOutput: 'as_provider', provider }).output).toBe(output);
  });

  test('were left out for certain where they are more than the whole', () => {
    expect(normalized({ output: 10, reasoning: 80 }).output).toBe(90);
  });

  test('make no output where none was reported', () => {
    expect(normalized({ reasoning: 80 }, { reasoningOutput: 'excluded' })).toEqual({
      reasoning: 80,
    });
  });
});

describe('the total', () => {
  const counts = { input: 100, output: 50, cacheRead: 30, reasoning: 20 };
  const wholes = (total: number, rules: Partial<TokenRules> = {}) => {
    const { input, output } = normalized({ ...counts, total }, rules);
    return [input, output];
  };

  test('tells of parts that it has beside the wholes, whatever the rule', () => {
    expect(wholes(180)).toEqual([130, 50]);
    expect(wholes(170)).toEqual([100, 70]);
    expect(wholes(200)).toEqual([130, 70]);
    expect(wholes(180, { cachedInput: 'included', reasoningOutput: 'excluded' })).toEqual([
      130, 50,
    ]);
  });

  test('that is the sum of the wholes tells nothing, unless it is the sum of all by contract', () => {
    const excluded = { cachedInput: 'excluded', reasoningOutput: 'excluded' } as const;
    expect(wholes(150, excluded)).toEqual([130, 70]);
    expect(wholes(150, { ...excluded, totalHoldsAll: true })).toEqual([100, 50]);
    expect(wholes(150)).toEqual([100, 50]);
  });

  test('that adds up in no way, or in two, tells nothing', () => {
    expect(wholes(151, { cachedInput: 'excluded' })).toEqual([130, 50]);
    const same = { input: 100, output: 50, cacheRead: 30, reasoning: 30, total: 180 };
    expect(normalized(same)).toMatchObject({ input: 100, output: 50 });
  });
});

test('nothing reported stays nothing reported, and zero stays zero', () => {
  expect(normalized({}, { cachedInput: 'excluded' })).toEqual({});
  const zeros = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
  expect(normalized(zeros, { cachedInput: 'excluded', reasoningOutput: 'excluded' })).toEqual(
    zeros,
  );
});

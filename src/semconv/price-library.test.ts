import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { calcPrice, findProvider } from '@pydantic/genai-prices';
import { assert, constantFrom, date, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatDollars, toDollars } from '../model/money.ts';
import { amountOf, rateFor } from './model-prices.ts';
import {
  createPriceLibrary,
  nearestLibraryModels,
  PRICE_LIBRARY_VERSION,
} from './price-library.ts';

const find = createPriceLibrary();
const AT = Date.UTC(2026, 10, 20, 12);

/** `seller model: input/output` in dollars per million tokens, or why there is no price. */
function listed(provider: string, model: string, more: Partial<Parameters<typeof find>[0]> = {}) {
  const found = find({ provider, model, requestModel: '', atMs: AT, tier: '', ...more });
  if ('missing' in found) return found.missing;
  const dollars = (rate: bigint | undefined): string =>
    rate === undefined ? '-' : formatDollars(rate);
  const { input, output } = found.prices;
  return `${found.provider} ${found.model}: ${dollars(input?.base)}/${dollars(output?.base)}`;
}

describe('a model is found as people send it', () => {
  test.each([
    ['openai', 'gpt-4o', 'openai gpt-4o: 2.5/10'],
    ['openai', 'gpt-4o-2024-08-06', 'openai gpt-4o: 2.5/10'],
    ['', 'openai/gpt-4o', 'openai gpt-4o: 2.5/10'],
    ['', 'openai:gpt-4o', 'openai gpt-4o: 2.5/10'],
    ['azure.ai.openai', 'gpt-5-2025-08-07', 'azure gpt-5: 1.25/10'],
    ['', 'azure/eu/gpt-4o', 'azure gpt-4o: 2.5/10'],
    ['anthropic', 'claude-haiku-4-5-20251001', 'anthropic claude-haiku-4-5: 1/5'],
    ['anthropic', 'anthropic/claude-sonnet-4-20250514', 'anthropic claude-sonnet-4-0: 3/15'],
    ['litellm', 'anthropic/claude-sonnet-4-20250514', 'anthropic claude-sonnet-4-0: 3/15'],
    [
      'aws.bedrock',
      'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'aws regional.anthropic.claude-sonnet-4-5-20250929-v1:0: 3.3/16.5',
    ],
    [
      'anthropic',
      'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'aws global.anthropic.claude-sonnet-4-5-20250929-v1:0: 3/15',
    ],
    [
      '',
      'bedrock/converse/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'aws regional.anthropic.claude-sonnet-4-5-20250929-v1:0: 3.3/16.5',
    ],
    [
      'aws.bedrock',
      'arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'aws regional.anthropic.claude-sonnet-4-5-20250929-v1:0: 3.3/16.5',
    ],
    ['aws.bedrock', 'amazon.nova-pro-v1:0', 'aws amazon.nova-pro-v1:0: 0.8/3.2'],
    ['gcp.vertex_ai', 'claude-sonnet-4@20250514', 'google claude-4-sonnet: 3/15'],
    [
      'gcp.vertex_ai',
      'projects/p/locations/l/publishers/google/models/gemini-2.5-flash',
      'google gemini-2.5-flash: 0.3/2.5',
    ],
    ['gcp.gemini', 'models/gemini-2.5-flash', 'google gemini-2.5-flash: 0.3/2.5'],
    ['', 'google-gla:gemini-2.5-flash', 'google gemini-2.5-flash: 0.3/2.5'],
    ['x_ai', 'grok-4', 'x-ai grok-4-0709: 3/15'],
    ['mistral_ai', 'mistral-large-latest', 'mistral mistral-large: 2/6'],
    ['groq', 'llama-3.3-70b-versatile', 'groq llama-3.3-70b-versatile: 0.59/0.79'],
    ['openai', 'text-embedding-3-small', 'openai text-embedding-3-small: 0.02/-'],
    ['openai', 'ft:gpt-4o-mini-2024-07-18:org::id', 'openai ft:gpt-4o-mini: 0.3/1.2'],
    ['openrouter', 'anthropic/claude-sonnet-4', 'openrouter anthropic/claude-sonnet-4: 3/15'],
    ['openrouter', 'deepseek/deepseek-chat:free', 'openrouter deepseek/deepseek-chat:free: -/-'],
    ['our-gateway', 'gpt-4o', 'openai gpt-4o: 2.5/10'],
    ['openai', 'claude-haiku-4-5', 'anthropic claude-haiku-4-5: 1/5'],
  ])('%s %s', (provider, model, expected) => {
    expect(listed(provider, model)).toBe(expected);
  });

  test('by the requested name where the answered one is a deployment', () => {
    expect(listed('azure.ai.openai', 'our-deployment', { requestModel: 'gpt-4o' })).toBe(
      'azure gpt-4o: 2.5/10',
    );
  });
});

describe('what is not known has no price', () => {
  test.each([
    ['openai', 'gpt-4o-2099-01-01', 'unknown_model'],
    ['openai', 'our-own-model', 'unknown_model'],
    ['ollama', 'llama3.1', 'unknown_model'],
    ['openai', 'mistral-7b-instruct', 'unknown_model'],
    ['our-gateway', 'gpt-oss-120b', 'unknown_model'],
    ['', 'our/own:model', 'unknown_model'],
    ['cerebras', 'qwen-3-coder-480b', 'unknown_model'],
    ['openai', 'whisper-1', 'unknown_model'],
    ['openai', '__proto__', 'unknown_model'],
    ['constructor', 'toString', 'unknown_model'],
    ['openai', '', 'no_model'],
  ])('%s %s', (provider, model, expected) => {
    expect(listed(provider, model)).toBe(expected);
  });
});

describe('tiers and dates', () => {
  test('a batch costs half, a tier without a rule has no price', () => {
    expect(listed('openai', 'gpt-4o', { tier: 'batch' })).toBe('openai gpt-4o: 1.25/5');
    expect(listed('openai', 'gpt-5', { tier: 'flex' })).toBe('openai gpt-5: 0.625/5');
    expect(listed('openai', 'gpt-5', { tier: 'priority' })).toBe('unknown_tier');
    expect(listed('anthropic', 'claude-haiku-4-5', { tier: 'fast' })).toBe('unknown_tier');
  });

  test('the price in force at the time of the call holds', () => {
    const o3 = (atMs: number): string => listed('openai', 'o3', { atMs });
    expect(o3(Date.UTC(2025, 5, 9, 23, 59))).toBe('openai o3: 10/40');
    expect(o3(Date.UTC(2025, 5, 10))).toBe('openai o3: 2/8');
    const night = listed('deepseek', 'deepseek-chat', { atMs: Date.UTC(2026, 0, 1, 20) });
    const day = listed('deepseek', 'deepseek-chat', { atMs: Date.UTC(2026, 0, 1, 12) });
    expect([night, day]).toEqual([
      'deepseek deepseek-chat: 0.135/0.55',
      'deepseek deepseek-chat: 0.27/1.1',
    ]);
  });

  test('a long context costs its own rate, beyond the bound and not at it', () => {
    const found = find({
      provider: 'gcp.gemini',
      model: 'gemini-2.5-pro',
      requestModel: '',
      atMs: AT,
      tier: '',
    });
    if ('missing' in found) throw new Error(found.missing);
    const input = (tokens: number): string => formatDollars(rateFor(found.prices.input!, tokens));
    expect([input(200_000), input(200_001)]).toEqual(['1.25', '2.5']);
  });
});

test('the version is that of the installed library, pinned exactly', () => {
  const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices');
  const installed = JSON.parse(
    readFileSync(path.join(path.dirname(entry), '..', 'package.json'), 'utf8'),
  ) as { version: string };
  expect(PRICE_LIBRARY_VERSION).toBe(`library@${installed.version}`);
});

/** Sellers with models of every kind of price: plain, tiered, dated, by the hour, cached, kept for an hour. */
const SELLERS = ['anthropic', 'openai', 'google', 'aws', 'deepseek', 'openrouter', 'perplexity'];

test('the exact amount is what the library reckons in floating point', () => {
  const models = SELLERS.flatMap((seller) =>
    findProvider({ providerId: seller })!.models.map(({ id }) => ({ seller, id })),
  ).filter(({ seller, id }) => calcPrice({}, id, { providerId: seller }) !== null);
  const counts = integer({ min: 0, max: 150_000 });
  const usage = record({
    fresh: counts,
    read: counts,
    write5m: counts,
    write1h: counts,
    output: counts,
    share: integer({ min: 0, max: 100 }),
  });
  assert(
    property(
      constantFrom(...models),
      usage,
      date({ min: new Date('2025-01-01'), max: new Date('2026-12-31'), noInvalidDate: true }),
      ({ seller, id }, { fresh, read, write5m, write1h, output, share }, timestamp) => {
        const input = fresh + read + write5m + write1h;
        const reasoning = Math.floor((output * share) / 100);
        const theirs = calcPrice(
          {
            input_tokens: input,
            cache_read_tokens: read,
            cache_write_tokens: write5m + write1h,
            cache_write_1h_tokens: write1h,
            output_tokens: output,
            output_reasoning_tokens: reasoning,
          },
          id,
          { providerId: seller, timestamp },
        )!;
        const found = find({
          provider: seller,
          model: id,
          requestModel: '',
          atMs: timestamp.getTime(),
          tier: '',
        });
        if ('missing' in found) {
          expect(theirs.model_price).not.toHaveProperty('input_mtok');
          return;
        }
        const tokens = {
          input,
          output,
          cacheRead: read,
          cacheWrite: write5m + write1h,
          cacheWrite1h: write1h,
          reasoning,
        };
        const expected = theirs.input_price + theirs.output_price;
        expect(Math.abs(toDollars(amountOf(tokens, found.prices)!) - expected)).toBeLessThan(1e-9);
      },
    ),
    { numRuns: 500 },
  );
}, 20_000);

test('names that are like an unknown one are those that share most of its parts', () => {
  expect(nearestLibraryModels('openai', 'gpt-4o-2099-01-01')[0]).toBe('gpt-4o');
  expect(nearestLibraryModels('anthropic', 'claude-sonnet-4-9')).toContain('claude-sonnet-4-5');
  expect(nearestLibraryModels('', 'mistral/mistral-largest')).toContain('mistral-large');
  expect(nearestLibraryModels('openai', 'zzz')).toEqual([]);
});

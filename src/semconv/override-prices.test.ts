import { describe, expect, test } from 'vitest';

import { parseDollars } from '../model/money.ts';
import type { PriceOverride } from '../model/price-override.ts';
import { createOverridePrices } from './override-prices.ts';
import type { PriceQuestion } from './price-call.ts';

const NONE = {
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite: null,
  cacheWrite1h: null,
  reasoning: null,
};

function override(id: string, terms: Partial<PriceOverride>): PriceOverride {
  return {
    id,
    project: 'default',
    version: 1,
    modelPattern: '*',
    provider: '',
    tier: '',
    fromMs: 0,
    prices: { ...NONE, input: '1', output: '2' },
    ...terms,
  };
}

/** The version of the price that holds. */
function held(overrides: readonly PriceOverride[], question: Partial<PriceQuestion>): string {
  const find = createOverridePrices(overrides, () => ({
    missing: 'unknown_model',
    version: 'else',
  }));
  return find({
    provider: 'openai',
    model: 'm',
    requestModel: '',
    atMs: 100,
    tier: '',
    ...question,
  }).version;
}

describe('a price of the user', () => {
  test('covers what its pattern names, with or without what stands before a model', () => {
    const ours = [override('a', { modelPattern: 'Our-Model*' })];
    expect(held(ours, { model: 'our-model-2' })).toBe('override:a@1');
    expect(held(ours, { model: 'vendor/our-model' })).toBe('override:a@1');
    expect(held(ours, { model: 'deployment', requestModel: 'our-model' })).toBe('override:a@1');
    expect(held(ours, { model: 'another-model' })).toBe('else');
    expect(held([override('b', { modelPattern: 'vendor/*' })], { model: 'vendor/x' })).toBe(
      'override:b@1',
    );
  });

  test('holds from its date on', () => {
    const ours = [override('old', { fromMs: 0 }), override('new', { fromMs: 100, version: 3 })];
    expect(held(ours, { atMs: 99 })).toBe('override:old@1');
    expect(held(ours, { atMs: 100 })).toBe('override:new@3');
    expect(held([override('later', { fromMs: 101 })], {})).toBe('else');
  });

  test('holds for its provider and tier alone, when it names them', () => {
    const ours = [override('azure', { provider: 'azure.ai.openai' })];
    expect(held(ours, {})).toBe('else');
    expect(held(ours, { provider: 'azure.ai.openai' })).toBe('override:azure@1');
    const tiers = [override('all', {}), override('fast', { tier: 'priority' })];
    expect(held(tiers, {})).toBe('override:all@1');
    expect(held(tiers, { tier: 'priority' })).toBe('override:fast@1');
    expect(held(tiers, { tier: 'batch' })).toBe('override:all@1');
  });

  test('gives way to a more particular one', () => {
    const ours = [
      override('any', {}),
      override('prefix', { modelPattern: 'gpt-*' }),
      override('longer', { modelPattern: 'gpt-4*' }),
      override('name', { modelPattern: 'gpt-4o' }),
      override('provider', { modelPattern: 'gpt-*', provider: 'openai' }),
    ];
    const without = (id: string) => ours.filter((each) => each.id !== id);
    expect(held(ours, { model: 'gpt-4o' })).toBe('override:provider@1');
    expect(held(without('provider'), { model: 'gpt-4o' })).toBe('override:name@1');
    expect(held(without('provider'), { model: 'gpt-4.1' })).toBe('override:longer@1');
    expect(held(without('provider'), { model: 'gpt-5' })).toBe('override:prefix@1');
    expect(held(without('provider'), { model: 'other' })).toBe('override:any@1');
  });

  test('says what each kind of token costs', () => {
    const prices = { ...NONE, input: '2.5', output: '10', cacheRead: '0.0375' };
    const find = createOverridePrices([override('a', { prices })], () => ({
      missing: 'unknown_model',
      version: '',
    }));
    const rate = (dollars: string) => ({ base: parseDollars(dollars)!, tiers: [] });
    expect(find({ provider: '', model: 'm', requestModel: '', atMs: 1, tier: '' })).toEqual({
      prices: { ...NONE, input: rate('2.5'), output: rate('10'), cacheRead: rate('0.0375') },
      source: 'override',
      version: 'override:a@1',
      provider: '',
      model: '*',
    });
  });
});

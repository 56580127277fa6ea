import { expect, test } from 'vitest';

import type { PriceOverride } from '../../model/price-override.ts';
import type { PriceVersion } from '../price-store.ts';
import { entryOf, type Context } from './conformance-context.ts';

const PRICES = {
  input: '2.5',
  output: '10',
  cacheRead: null,
  cacheWrite: null,
  cacheWrite1h: null,
  reasoning: null,
};

export function testPrices(context: Context): void {
  const versionOf = (
    id: string,
    version: number,
    more: Partial<PriceOverride> = {},
    removed = false,
  ): PriceVersion => ({
    override: {
      id,
      project: context().project,
      version,
      modelPattern: 'gpt-*',
      provider: 'openai',
      tier: 'flex',
      fromMs: 1_700_000_000_000,
      prices: PRICES,
      ...more,
    },
    removed,
    atMs: version * 10,
    by: 'ada',
  });

  test('keeps every version of a price, and lists the newest of those that hold', async () => {
    const { store, project } = context();
    const entry = entryOf(project, 'price.set', 'prc_1');
    const current = async () =>
      (await store.prices.listCurrent()).filter((override) => override.project === project);
    const first = versionOf('prc_1', 1);
    const second = versionOf('prc_1', 2, { prices: { ...PRICES, cacheRead: '0.25' }, tier: '' });
    const other = versionOf('prc_2', 1, { fromMs: 0, provider: '' });
    for (const version of [first, second, other]) {
      expect(await store.prices.append(version, entry)).toBe(true);
    }
    expect(await current()).toEqual([second.override, other.override]);
    const gone = versionOf('prc_1', 3, second.override, true);
    const removal = { ...gone, override: { ...second.override, version: 3 } };
    expect(await store.prices.append(removal, entry)).toBe(true);
    expect(await current()).toEqual([other.override]);
    expect(await store.prices.listVersions(project, 'prc_1')).toEqual([removal, second, first]);
    expect(await store.prices.listVersions('another', 'prc_1')).toEqual([]);
  });

  test('keeps one of two versions with the same number, and one audit entry', async () => {
    const { store, project } = context();
    const entry = entryOf(project, 'price.set', 'prc_1');
    const mine = versionOf('prc_1', 1);
    expect(await store.prices.append(mine, entry)).toBe(true);
    const late = versionOf('prc_1', 1, { modelPattern: 'other' });
    expect(await store.prices.append(late, entry)).toBe(false);
    expect(await store.prices.listVersions(project, 'prc_1')).toEqual([mine]);
    expect(await store.auditLog.find(project, {}, { limit: 9 })).toHaveLength(1);
  });
}

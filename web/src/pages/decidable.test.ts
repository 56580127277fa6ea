import { expect, test } from 'vitest';

import { decidableOf } from './decidable.ts';

test('what a gateway out of reach holds is not offered, nor counted among what is', () => {
  const [here, away] = [{ undecidable: null }, { undecidable: 'The gateway edge is away.' }];
  const page = { data: [away, here, here], meta: { total: 120 } };
  expect(decidableOf(page)).toEqual({ rows: [here, here], total: 119 });
  expect(decidableOf({ data: [away], meta: { total: 1 } })).toEqual({ rows: [], total: 0 });
  expect(decidableOf(undefined)).toEqual({ rows: [], total: 0 });
});

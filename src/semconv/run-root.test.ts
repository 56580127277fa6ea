import { describe, expect, test } from 'vitest';

import { isRunRootName, RUN_ROOT_NAMES } from './run-root.ts';

describe('the root of a run', () => {
  test.each(RUN_ROOT_NAMES)('is told by %s anywhere in its name', (name) => {
    const names = [name, `my.${name}`, `${name}.v2`, name.toUpperCase(), name.slice(1)];
    expect(names.map((other) => isRunRootName(other, RUN_ROOT_NAMES))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test('is told by the user’s own patterns as well', () => {
    const patterns = [...RUN_ROOT_NAMES, 'nightly job'];
    expect(isRunRootName('the nightly job of today', patterns)).toBe(true);
    expect(isRunRootName('the nightly job of today', RUN_ROOT_NAMES)).toBe(false);
  });

  test('is not told by an empty pattern', () => {
    expect(isRunRootName('anything', ['', ' '])).toBe(false);
  });
});

import { availableParallelism } from 'node:os';

import { defineConfig } from 'vitest/config';

/** These start processes and await what those do; one file at a time. */
const SLOW = { testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false };
/** Files at once: Vitest would leave a core idle, which on two is half of them. */
const WORKERS = Math.max(2, availableParallelism() - 1);
/** Of the tests over the built product, those that hold a time or memory against a bound: nothing runs beside them. */
const MEASURING = [
  'test/e2e/start.test.ts',
  'test/e2e/shutdown.test.ts',
  'test/e2e/reliability/overload.test.ts',
  'test/e2e/reliability/refused-requests.test.ts',
  'test/e2e/reliability/termination.test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'sdk/src/**/*.test.ts',
            'web/**/*.test.ts',
            'test/*.test.ts',
          ],
          exclude: ['src/storage/**/*.test.ts', '**/node_modules/**'],
          // For what hangs; a busy machine is no reason to fail.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: WORKERS,
        },
      },
      {
        // The real engines: slower than unit tests, and each file in a process of its own.
        extends: true,
        test: {
          name: 'storage',
          include: ['src/storage/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: WORKERS,
        },
      },
      {
        // The built product as a child process: most of the time goes into waiting for it, so two files at a time.
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [...MEASURING, '**/node_modules/**'],
          ...SLOW,
          fileParallelism: true,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e-measuring',
          include: MEASURING,
          ...SLOW,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Needs a Chromium: `npm run test:browser`.
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...SLOW,
          sequence: { groupOrder: 3 },
        },
      },
      {
        // Needs Python and Go: `npm run test:interop`.
        extends: true,
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          ...SLOW,
          hookTimeout: 900_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});

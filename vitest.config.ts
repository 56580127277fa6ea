import { defineConfig } from 'vitest/config';

/** After the quick suites and one file at a time: these start processes and await what those do. */
const SLOW = {
  testTimeout: 180_000,
  hookTimeout: 180_000,
  fileParallelism: false,
  sequence: { groupOrder: 1 },
};

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
        },
      },
      {
        // The built product as a child process, one file at a time.
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          ...SLOW,
        },
      },
      {
        // Needs a Chromium: `npm run test:browser`.
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          ...SLOW,
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
        },
      },
    ],
  },
});

import type { QualityResultStore } from '../../src/storage/quality-result-store.ts';
import type { RetentionStore } from '../../src/storage/retention-store.ts';

/** For tests in which nothing is stored that retention could remove. */
export const NOTHING_STORED: RetentionStore = {
  list: async () => [],
  remove: async () => undefined,
  removeValuesBefore: async () => undefined,
  removeUnreferred: async () => undefined,
};

/** For tests that keep no results. */
export const NO_RESULTS: QualityResultStore = {
  put: async () => undefined,
  find: async () => ({ results: [], more: false }),
  count: async () => [],
};

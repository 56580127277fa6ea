import { createRequire } from 'node:module';

interface Setup {
  readonly ROOT: string;
  build(): void;
}

const setup = createRequire(import.meta.url)('../../scripts/setup.js') as Setup;

/** The checkout's root folder. */
export const ROOT = setup.ROOT;

/** Builds what is stale, so that the suites run what the sources say; quick when nothing is. */
export function buildProduct(): void {
  setup.build();
}

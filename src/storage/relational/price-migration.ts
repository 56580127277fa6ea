import type { Migration } from './migration.ts';

/** Prices that users set. */
export const prices: Migration = {
  number: 6,
  name: 'prices of the user',
  statements: [
    `CREATE TABLE price_versions (
      project {text} NOT NULL,
      id {text} NOT NULL,
      version BIGINT NOT NULL,
      removed INTEGER NOT NULL,
      model_pattern {text} NOT NULL,
      provider {text} NOT NULL,
      tier {text} NOT NULL,
      from_ms BIGINT NOT NULL,
      prices_json {text} NOT NULL,
      at_ms BIGINT NOT NULL,
      set_by {text} NOT NULL,
      PRIMARY KEY (project, id, version)
    )`,
  ],
};

import type { PostgresPool } from 'kysely';
import { Pool, TypeOverrides, types } from 'pg';

import { AppError, messageOf } from '../../errors.ts';

/** Connections to PostgreSQL, as the pool that Kysely's dialect asks for. */
export function openPostgresPool(url: string): PostgresPool {
  const pool = new Pool({
    connectionString: url,
    max: 8,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    types: numbersForIntegers(),
  });
  // An idle connection that breaks is replaced at the next use, and told there when it cannot be.
  pool.on('error', () => undefined);
  return {
    connect: async () => {
      try {
        return await pool.connect();
      } catch (error) {
        throw new AppError('STORAGE_UNAVAILABLE', `cannot reach PostgreSQL: ${messageOf(error)}`, {
          cause: error,
        });
      }
    },
    end: () => pool.end(),
  };
}

/** Counts and times stay below 2^53, so they are numbers as on SQLite, not text. */
function numbersForIntegers(): TypeOverrides {
  const overrides = new TypeOverrides();
  overrides.setTypeParser(types.builtins.INT8, Number);
  overrides.setTypeParser(types.builtins.NUMERIC, Number);
  return overrides;
}

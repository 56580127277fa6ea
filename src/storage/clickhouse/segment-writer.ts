import { statSync } from 'node:fs';

import { AppError, messageOf } from '../../errors.ts';
import type { Engine } from './engine.ts';
import { isFull, isMemoryLimit, isTransient } from './engine-errors.ts';

/** A table's share of a segment in a Native file; the shape that the pipeline hands over. */
interface TableFile {
  readonly table: string;
  readonly path: string;
  readonly rows: number;
}

/** Attempts before an insert that does not fit the memory limit is held to be too large for it. */
const MEMORY_ATTEMPTS_MAX = 4;
/** What every limit that can be set has room for: when it does not fit, others take the memory for now. */
const SMALL_FILE_BYTES = 1024 * 1024;

/** Inserts segments, each table's share as one part that is there whole or not at all. */
export function createSegmentWriter(engine: Engine): {
  writeTable(segmentId: string, table: TableFile): Promise<void>;
} {
  const outOfMemory = new Map<string, number>();
  return {
    async writeTable(segmentId, { table, path, rows }) {
      const token = `${segmentId}/${table}`;
      try {
        await engine.insertNative(table, path, token);
        outOfMemory.delete(token);
      } catch (error) {
        if (isFull(error)) throw new AppError('STORAGE_FULL', undefined, { cause: error });
        const attempts =
          (outOfMemory.get(token) ?? 0) + (isMemoryLimit(error) && !isSmall(path) ? 1 : 0);
        if (isTransient(error) && attempts < MEMORY_ATTEMPTS_MAX) {
          outOfMemory.set(token, attempts);
          throw new AppError('STORAGE_UNAVAILABLE', messageOf(error), { cause: error });
        }
        outOfMemory.delete(token);
        throw new AppError(
          'TELEMETRY_UNSTORABLE',
          `cannot store ${rows} rows of ${table}: ${messageOf(error).slice(0, 600)}`,
          { cause: error },
        );
      }
    },
  };
}

function isSmall(path: string): boolean {
  return statSync(path).size <= SMALL_FILE_BYTES;
}

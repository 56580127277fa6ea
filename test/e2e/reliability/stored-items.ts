import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ROOT } from '../../harness/build.ts';

const run = promisify(execFile);

/** A process of its own: the engine's library keeps one directory per process. */
const READ_STORE = `
const { Session } = require('chdb');
const session = new Session(process.argv[1]);
const text = ['spans', 'log_records', 'metric_points']
  .map((table) => "SELECT attributes['id'] AS id, count() AS count FROM " + table + ' GROUP BY id')
  .join(' UNION ALL ');
session.queryAsync(text, { format: 'TSV' }).then((result) => {
  process.stdout.write(result.text(), () => process.exit(0));
});
`;

/** How many segments are acknowledged and not stored. */
export function countLogs(dataDir: string): number {
  return readdirSync(join(dataDir, 'telemetry', 'wal')).length;
}

/** How often each numbered item is in the store of a server that has stopped. */
export async function readStoredItems(dataDir: string): Promise<Map<string, number>> {
  const { stdout } = await run(
    process.execPath,
    ['-e', READ_STORE, join(dataDir, 'engine', 'data')],
    { cwd: ROOT, maxBuffer: 1 << 30 },
  );
  const items = new Map<string, number>();
  for (const line of stdout.trimEnd().split('\n')) {
    if (line === '') continue;
    const [id, count] = line.split('\t');
    items.set(id!, (items.get(id!) ?? 0) + Number(count));
  }
  return items;
}

/** How what is stored differs from what was acknowledged, each once: all lists are empty when nothing is wrong. */
export interface Discrepancy {
  readonly lost: readonly string[];
  readonly repeated: readonly string[];
  readonly neverSent: readonly string[];
}

export const NO_DISCREPANCY: Discrepancy = { lost: [], repeated: [], neverSent: [] };

export function compare(
  stored: ReadonlyMap<string, number>,
  ledger: { readonly sent: ReadonlySet<string>; readonly acknowledged: ReadonlySet<string> },
): Discrepancy {
  return {
    lost: [...ledger.acknowledged].filter((id) => !stored.has(id)),
    repeated: [...stored].filter(([, count]) => count !== 1).map(([id]) => id),
    neverSent: [...stored.keys()].filter((id) => !ledger.sent.has(id)),
  };
}

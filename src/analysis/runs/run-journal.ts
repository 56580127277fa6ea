import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { syncDirectory } from '../../base/sync-directory.ts';
import type { TouchedTraces } from '../../model/touched-traces.ts';

interface Entry {
  readonly project: string;
  /** Base64. */
  readonly packed: string;
}

/**
 * What of the stored segments is still to be analysed, durably: a file per segment, from when it is stored until its
 * traces are analysed. What a former run left is gone through again.
 */
export class RunJournal {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** Segments that are not done, oldest first. */
  list(): string[] {
    return readdirSync(this.#directory)
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length))
      .toSorted();
  }

  /** Returns once the segment's entry survives a loss of power. Adding it again does no harm. */
  async add(segmentId: string, touched: readonly TouchedTraces[]): Promise<void> {
    const path = this.#pathOf(segmentId);
    if (existsSync(path)) return;
    const entries: Entry[] = touched.map(({ project, packed }) => ({
      project,
      packed: Buffer.from(packed).toString('base64'),
    }));
    const file = await open(`${path}.new`, 'w');
    try {
      await file.writeFile(JSON.stringify(entries));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    syncDirectory(this.#directory);
  }

  async read(segmentId: string): Promise<TouchedTraces[]> {
    const entries = JSON.parse(await readFile(this.#pathOf(segmentId), 'utf8')) as Entry[];
    return entries.map(({ project, packed }) => ({
      project,
      packed: new Uint8Array(Buffer.from(packed, 'base64')),
    }));
  }

  /** One that comes back after a crash is analysed again, which changes nothing. */
  async remove(segmentId: string): Promise<void> {
    await rm(this.#pathOf(segmentId), { force: true });
  }

  #pathOf(segmentId: string): string {
    return join(this.#directory, `${segmentId}.json`);
  }
}

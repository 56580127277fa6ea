import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

import { makeDirectory } from '../base/make-directory.ts';
import { syncDirectory } from '../base/sync-directory.ts';

const SUFFIX = '.otlp.json';
const NAME = /^[\w.-]{1,200}$/;

/**
 * Requests on disk until a receiver has taken them: one file each, in the order of their names, whole or not there.
 * A name that is there already is kept as it is, so that writing the same again changes nothing.
 */
export class Spool {
  readonly #directory: string;
  readonly #bytesMax: number;
  #bytes = 0;
  /** Names that wait, in order. */
  readonly #names: string[] = [];

  /** Throws the operating system's error when the directory cannot be made or read. */
  constructor(directory: string, bytesMax = 64 * 1024 * 1024) {
    this.#directory = directory;
    this.#bytesMax = bytesMax;
    makeDirectory(directory, 0o700);
    for (const file of readdirSync(directory).sort()) {
      // What was being written when a process died was never acknowledged.
      if (file.endsWith('.part')) rmSync(join(directory, file), { force: true });
      if (!file.endsWith(SUFFIX)) continue;
      this.#names.push(file.slice(0, -SUFFIX.length));
      this.#bytes += statSync(join(directory, file)).size;
    }
  }

  get size(): number {
    return this.#names.length;
  }

  names(): readonly string[] {
    return this.#names;
  }

  /** Keeps a request durably; false, and nothing kept, when it would grow past its bound. */
  append(name: string, json: Buffer): boolean {
    if (!NAME.test(name)) throw new Error(`not a name for a file of the spool: ${name}`);
    if (this.#names.includes(name)) return true;
    if (this.#names.length > 0 && this.#bytes + json.length > this.#bytesMax) return false;
    const path = this.#path(name);
    const part = `${path}.part`;
    const file = openSync(part, 'w', 0o600);
    try {
      writeSync(file, json);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(part, path);
    syncDirectory(this.#directory);
    this.#names.push(name);
    this.#names.sort();
    this.#bytes += json.length;
    return true;
  }

  /** The oldest request; undefined when none waits. */
  first(): { readonly name: string; readonly json: Buffer } | undefined {
    const name = this.#names[0];
    return name === undefined ? undefined : { name, json: readFileSync(this.#path(name)) };
  }

  remove(name: string): void {
    const at = this.#names.indexOf(name);
    if (at === -1) return;
    const path = this.#path(name);
    this.#bytes -= statSync(path).size;
    rmSync(path);
    this.#names.splice(at, 1);
  }

  #path(name: string): string {
    return join(this.#directory, name + SUFFIX);
  }
}

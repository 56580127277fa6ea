import { statfs } from 'node:fs/promises';

import { AppError } from '../errors.ts';

const CHECK_EVERY_MS = 1_000;

/** Watches the room on the disk and refuses telemetry while there is too little, so that reading and deleting go on. */
export class DiskGuard {
  readonly #directory: string;
  readonly #reserveBytes: number;
  #freeBytes = Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(directory: string, reserveBytes: number) {
    this.#directory = directory;
    this.#reserveBytes = reserveBytes;
  }

  async start(): Promise<void> {
    await this.#check();
    this.#timer = setInterval(() => void this.#check(), CHECK_EVERY_MS);
    this.#timer.unref();
  }

  /** Throws `STORAGE_FULL` while the disk has less room than the reserve. */
  requireRoom(): void {
    if (this.#freeBytes >= this.#reserveBytes) return;
    throw new AppError(
      'STORAGE_FULL',
      `the disk of ${this.#directory} has ${this.#freeBytes} bytes left, less than the reserve of ${this.#reserveBytes}; make room, or lower pipeline.diskReserveBytes`,
      { retryAfterSeconds: 5 },
    );
  }

  shutdown(): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(this.#directory);
      this.#freeBytes = bavail * bsize;
    } catch {
      // Not to know is no reason to refuse: a write that fails says so itself.
      this.#freeBytes = Infinity;
    }
  }
}

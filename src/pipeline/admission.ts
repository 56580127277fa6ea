import { AppError } from '../errors.ts';

/** Memory for requests that are under way: each reserves its bytes before it holds them. */
export class Admission {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws `OVERLOADED` when there is no room; the sender tries again. */
  reserve(bytes: number): void {
    if (this.#bytes + bytes > this.#bytesMax) {
      throw new AppError('OVERLOADED', undefined, { retryAfterSeconds: 1 });
    }
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}

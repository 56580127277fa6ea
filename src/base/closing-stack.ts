type Close = () => unknown;

/** What has been opened, to be closed in reverse when a later step fails. */
export class ClosingStack {
  readonly #closers: Close[] = [];

  add(close: Close): void {
    this.#closers.push(close);
  }

  /** Closes everything, the newest first, whatever any of it throws: the failure that led here is what counts. */
  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) {
      try {
        await close();
      } catch {
        // Nobody could do anything about it.
      }
    }
  }
}

/** Tells whoever listens now; nothing is kept for those who come later. */
export class Broadcast<T> {
  readonly #listeners = new Set<(message: T) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  publish(message: T): void {
    for (const listener of this.#listeners) listener(message);
  }

  /** Calls the listener until the returned function is called. A listener MUST NOT throw. */
  listen(listener: (message: T) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}

/** Remembers the strings added last: at least `capacity` of them, at most twice as many. */
export class RecentSet {
  readonly #capacity: number;
  #current = new Set<string>();
  #previous = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** False when the string is remembered already. */
  add(value: string): boolean {
    if (this.#current.has(value)) return false;
    const fresh = !this.#previous.has(value);
    this.#current.add(value);
    if (this.#current.size >= this.#capacity) {
      this.#previous = this.#current;
      this.#current = new Set();
    }
    return fresh;
  }
}

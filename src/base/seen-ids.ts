const HASHES = 4;
const DIGITS = 8;

/**
 * Ids of 32 hex digits that were seen, in a fixed number of bytes: `has` is true for each of the last
 * `idsMax` that were added, and for about one in forty of those that were not. The digits should be random.
 */
export class SeenIds {
  readonly #idsMax: number;
  readonly #mask: number;
  #recent: Uint32Array;
  #older: Uint32Array;
  #count = 0;

  constructor(idsMax: number) {
    this.#idsMax = idsMax;
    // Eight bits an id.
    const bits = 2 ** Math.ceil(Math.log2(idsMax * 8));
    this.#mask = bits - 1;
    this.#recent = new Uint32Array(bits / 32);
    this.#older = new Uint32Array(bits / 32);
  }

  add(id: string): void {
    if (isIn(this.#recent, id, this.#mask)) return;
    if (this.#count >= this.#idsMax) {
      [this.#older, this.#recent] = [this.#recent, this.#older];
      this.#recent.fill(0);
      this.#count = 0;
    }
    this.#count++;
    for (let hash = 0; hash < HASHES; hash++) {
      const bit = bitOf(id, hash, this.#mask);
      this.#recent[bit >>> 5]! |= 1 << (bit & 31);
    }
  }

  has(id: string): boolean {
    return isIn(this.#recent, id, this.#mask) || isIn(this.#older, id, this.#mask);
  }
}

function isIn(bits: Uint32Array, id: string, mask: number): boolean {
  for (let hash = 0; hash < HASHES; hash++) {
    const bit = bitOf(id, hash, mask);
    if ((bits[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
  }
  return true;
}

/** A part of the id for each hash. */
function bitOf(id: string, hash: number, mask: number): number {
  return (Number.parseInt(id.slice(hash * DIGITS, (hash + 1) * DIGITS), 16) & mask) >>> 0;
}

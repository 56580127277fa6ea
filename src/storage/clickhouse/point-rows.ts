/**
 * Reads ClickHouse's RowBinary (https://clickhouse.com/docs/interfaces/formats/RowBinary): values one after the other,
 * lists with their length before them. Eight-byte numbers are copied as they are, so that a million samples take
 * milliseconds.
 */
export class RowBinaryReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    // A Buffer's `slice` would not copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get more(): boolean {
    return this.#at < this.#bytes.length;
  }

  u8(): number {
    return this.#view.getUint8(this.#at++);
  }

  i32(): number {
    const value = this.#view.getInt32(this.#at, true);
    this.#at += 4;
    return value;
  }

  f64(): number {
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** `count` bytes as hexadecimal digits. */
  hex(count: number): string {
    const bytes = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return Buffer.from(bytes).toString('hex');
  }

  length(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** A list of doubles. */
  f64s(): Float64Array {
    const count = this.length();
    const copy = this.#bytes.slice(this.#at, this.#at + count * 8);
    this.#at += count * 8;
    return new Float64Array(copy.buffer, 0, count);
  }

  u8s(): Uint8Array {
    const count = this.length();
    const copy = this.#bytes.slice(this.#at, this.#at + count);
    this.#at += count;
    return copy;
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.length() }, read);
  }
}

/**
 * The places of points in the order of their times; undefined when they are so already. With `once` each time occurs
 * once, with the last that came of it.
 */
export function orderOf(timesMs: Float64Array, once: boolean): Uint32Array | undefined {
  let rising = true;
  for (let at = 1; at < timesMs.length && rising; at++) rising = timesMs[at]! > timesMs[at - 1]!;
  if (rising) return undefined;
  const order = Uint32Array.from(timesMs, (_, at) => at).sort(
    (a, b) => timesMs[a]! - timesMs[b]! || a - b,
  );
  if (!once) return order;
  return order.filter((at, place) => timesMs[order[place + 1]!] !== timesMs[at]);
}

export function pick<T extends Float64Array | Uint8Array>(
  items: T,
  order: Uint32Array | undefined,
): T {
  if (order === undefined) return items;
  const Kind = items.constructor as new (count: number) => T;
  const picked = new Kind(order.length);
  order.forEach((at, place) => {
    picked[place] = items[at]!;
  });
  return picked;
}

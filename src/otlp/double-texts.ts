import { formatDouble } from './any-value.ts';

const SLOTS = 256;

/** The texts of doubles, the last seen of each slot kept: a sampling temperature is the same on every span. */
export class DoubleTexts {
  readonly #numbers = new Float64Array(SLOTS).fill(Number.NaN);
  readonly #texts = Array.from({ length: SLOTS }, () => 'NaN');
  readonly #bits = new Float64Array(1);
  readonly #halves = new Uint32Array(this.#bits.buffer);

  textOf(number: number): string {
    this.#bits[0] = number;
    const slot = (Math.imul(this.#halves[0]! ^ this.#halves[1]!, 0x9e3779b1) >>> 24) & (SLOTS - 1);
    if (Object.is(this.#numbers[slot], number)) return this.#texts[slot]!;
    const text = formatDouble(number);
    this.#numbers[slot] = number;
    this.#texts[slot] = text;
    return text;
  }
}

const WIDTH = 4;

/**
 * Answers to questions of four numbers. Bounded: two questions may want the same slot, and then the later
 * one has it.
 */
export class AnswerCache<Answer> {
  readonly #mask: number;
  readonly #keys: Int32Array;
  readonly #answers: (Answer | undefined)[] = [];
  #slot = 0;

  /** `slots` is a power of two. */
  constructor(slots: number) {
    this.#mask = slots - 1;
    this.#keys = new Int32Array(slots * WIDTH);
  }

  find(a: number, b: number, c: number, d: number): Answer | undefined {
    let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
    hash ^= Math.imul(d, 0x27d4eb2f);
    this.#slot = (hash ^ (hash >>> 15)) & this.#mask;
    const keys = this.#keys;
    const at = this.#slot * WIDTH;
    if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d) {
      return this.#answers[this.#slot];
    }
    keys[at] = a;
    keys[at + 1] = b;
    keys[at + 2] = c;
    keys[at + 3] = d;
    this.#answers[this.#slot] = undefined;
    return undefined;
  }

  /** Keeps the answer to the question that `find` was last asked in vain. */
  keep(answer: Answer): Answer {
    this.#answers[this.#slot] = answer;
    return answer;
  }

  reset(): void {
    this.#answers.length = 0;
  }
}

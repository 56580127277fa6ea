/** Chance that can be repeated: the same seed gives the same run of numbers on every machine. */
export interface Random {
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  /** True in `share` of the calls (0 to 1). */
  chance(share: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** `bytes` bytes as lower-case hex, for ids; never all zeros. */
  hex(bytes: number): string;
}

/** Numbers from 0 to below 1 by Mulberry32 (public domain, Tommy Ettinger): small, fast, good enough for made-up traffic. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function createRandom(seed: number): Random {
  const next = mulberry32(seed);
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    between,
    chance: (share) => next() < share,
    pick: (choices) => choices[between(0, choices.length - 1)]!,
    hex: (bytes) =>
      Array.from({ length: bytes }, () => between(1, 255).toString(16).padStart(2, '0')).join(''),
  };
}

/** Keyboard shortcuts: one key (`j`), or two pressed one after the other (`g a`). */

const SEQUENCE_MS = 1200;

export interface KeyPress {
  readonly key: string;
  readonly atMs: number;
}

export interface KeySequence {
  /** The name of the shortcut that this key completes, or undefined. */
  press(press: KeyPress, names: Iterable<string>): string | undefined;
}

export function createKeySequence(): KeySequence {
  let pending: KeyPress | undefined;
  return {
    press(press, names) {
      const before = pending;
      pending = undefined;
      const known = [...names];
      if (before !== undefined && press.atMs - before.atMs <= SEQUENCE_MS) {
        const both = `${before.key} ${press.key}`;
        if (known.includes(both)) return both;
      }
      if (known.some((name) => name.startsWith(`${press.key} `))) pending = press;
      return known.includes(press.key) ? press.key : undefined;
    },
  };
}

/** Different texts, each once, by number: for columns that say the same again and again. */
export interface NumberedWords {
  /** '' first. */
  readonly all: readonly string[];
  readonly code: (word: string) => number;
}

export function collectWords(): NumberedWords {
  const all: string[] = [''];
  const codes = new Map([['', 0]]);
  return {
    all,
    code: (word) => {
      const known = codes.get(word);
      if (known !== undefined) return known;
      codes.set(word, all.length);
      return all.push(word) - 1;
    },
  };
}

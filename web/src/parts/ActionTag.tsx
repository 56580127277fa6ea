const WORDS: Readonly<Record<string, readonly [aspect: string, words: string]>> = {
  allow: ['clear', 'Allows'],
  deny: ['stop', 'Denies'],
  human_approval: ['caution', 'Asks a person'],
};

/** What a rule does with a call. */
export function ActionTag({ action }: { readonly action: string }) {
  const [aspect, words] = WORDS[action] ?? ['', action];
  return <span className={`tag ${aspect}`}>{words}</span>;
}

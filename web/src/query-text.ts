/** What one types into the search bar of a list: `key=value`, or words. */

/** A field that can be asked for by its key. */
export interface QueryKey {
  readonly key: string;
  /** What it is, for those who do not know the key. */
  readonly label: string;
  /** The only values that it has. */
  readonly values?: readonly string[];
  /** An example of a value, where values are not completed. */
  readonly hint?: string;
  readonly accepts?: (value: string) => boolean;
}

export interface TypedQuery {
  /** Undefined while no `=` is typed. */
  readonly key: string | undefined;
  readonly value: string;
}

export function parseTyped(text: string): TypedQuery {
  const at = text.indexOf('=');
  if (at <= 0) return { key: undefined, value: text.trim() };
  const key = text.slice(0, at).trim();
  // Words with an equals sign in them are words.
  if (/\s/.test(key)) return { key: undefined, value: text.trim() };
  return {
    key,
    value: text
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1'),
  };
}

/** The keys that may be meant, those that begin so first. */
export function keysFor(keys: readonly QueryKey[], typed: string): QueryKey[] {
  const wanted = typed.trim().toLowerCase();
  const rank = ({ key, label }: QueryKey): number => {
    if (wanted === '' || key.startsWith(wanted)) return 0;
    if (label.toLowerCase().startsWith(wanted)) return 1;
    return key.includes(wanted) ? 2 : 3;
  };
  return keys.filter((each) => rank(each) < 3).toSorted((one, other) => rank(one) - rank(other));
}

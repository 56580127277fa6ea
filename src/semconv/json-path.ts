/**
 * The string or number at a path inside parsed JSON; `undefined` when there is none. The step `*` stands
 * for the first element of an array that has what follows.
 */
export function valueAt(
  root: unknown,
  steps: readonly string[],
  from = 0,
): string | number | undefined {
  let at = root;
  for (let step = from; step < steps.length; step++) {
    const name = steps[step]!;
    if (name === '*') return firstIn(at, steps, step + 1);
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return typeof at === 'string' || typeof at === 'number' ? at : undefined;
}

function firstIn(
  list: unknown,
  steps: readonly string[],
  from: number,
): string | number | undefined {
  if (!Array.isArray(list)) return undefined;
  for (const item of list) {
    const found = valueAt(item, steps, from);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Parsed JSON, or `undefined` when the text is none: it has no parts to read and stays as it is. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Longer notations of Python are not read. */
const NOTATION_CHARACTERS_MAX = 16_384;

/** JSON, or the notation of a dictionary in Python, as far as it has no quotes within its strings. */
export function parseNotation(text: string): unknown {
  if (!text.startsWith("{'")) return parseJson(text);
  if (text.length > NOTATION_CHARACTERS_MAX || text.includes('"')) return undefined;
  return parseJson(
    text.replaceAll("'", '"').replace(/\b(?:None|True|False)\b/g, (word) => JSON_WORDS[word]!),
  );
}

const JSON_WORDS: Readonly<Record<string, string>> = { None: 'null', True: 'true', False: 'false' };

/** A JSON-encoded string without its quotes and escapes; any other text as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  const value = parseJson(text);
  return typeof value === 'string' ? value : text.slice(1, -1);
}

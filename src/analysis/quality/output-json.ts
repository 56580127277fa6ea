/** JSON in the texts of agents, and ways into it. */

/** Objects that a walk looks at, at most. */
const OBJECTS_MAX = 2_000;
const DEPTH_MAX = 8;
const FENCE = /```(?:json5?|JSON)?\s*\n([\s\S]*?)\n\s*```/;

export type JsonObject = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The JSON that a text is, that it has in a code fence, or that it has with words around; undefined for none. */
export function jsonOf(text: string): unknown {
  const bare = text.trim();
  if (/^[{["]/.test(bare)) {
    const whole = parse(bare);
    if (whole !== undefined) return whole;
  }
  const fenced = FENCE.exec(text)?.[1];
  if (fenced !== undefined) {
    const inner = parse(fenced.trim());
    if (inner !== undefined) return inner;
  }
  const start = text.search(/[{[]/);
  if (start < 0) return undefined;
  const end = text.lastIndexOf(text[start] === '{' ? '}' : ']');
  return end > start ? parse(text.slice(start, end + 1)) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The value and every object inside, outermost first. */
export function objectsIn(root: unknown): JsonObject[] {
  const found: JsonObject[] = [];
  let level = [root];
  for (let depth = 0; depth < DEPTH_MAX && level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const value of level) {
      if (found.length >= OBJECTS_MAX) return found;
      if (isObject(value)) found.push(value);
      if (typeof value === 'object' && value !== null) {
        for (const inner of Object.values(value)) {
          if (typeof inner === 'object' && inner !== null && next.length < OBJECTS_MAX) {
            next.push(inner);
          }
        }
      }
    }
    level = next;
  }
  return found;
}

/**
 * The value at a path such as `invoice.lines[0].amount` or `invoice.lines.0.amount`; `$` and `$.` before it are
 * allowed. Undefined where there is nothing.
 */
export function valueAt(root: unknown, path: string): unknown {
  let value = root;
  for (const part of pathParts(path)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part))
      return undefined;
    value = (value as JsonObject)[part];
  }
  return value;
}

export function pathParts(path: string): string[] {
  return path
    .replace(/^\$\.?/, '')
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((part) => part !== '');
}

/** A key without what writers vary in: `Line Items`, `line_items` and `lineItems` are the same. */
export const plainKey = (key: string): string =>
  key.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** The first of the keys that the object has, in the order of the names given (plain keys). */
export function fieldOf(
  object: JsonObject,
  names: readonly string[],
): { readonly key: string; readonly value: unknown } | undefined {
  const byName = new Map(Object.keys(object).map((key) => [plainKey(key), key]));
  for (const name of names) {
    const key = byName.get(name);
    if (key !== undefined && object[key] !== null) return { key, value: object[key] };
  }
  return undefined;
}

/** Whether a value says anything: not null, '', [] or {}. */
export function isFilled(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'string') return value.trim() !== '';
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return true;
}

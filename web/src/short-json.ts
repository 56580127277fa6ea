const LINE_CHARACTERS_MAX = 100;

/** JSON on one line where that can be read at a glance, else indented. */
export function shortJson(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return '';
  return text.length <= LINE_CHARACTERS_MAX ? inline(value) : JSON.stringify(value, null, 2);
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([key, own]) => `${JSON.stringify(key)}: ${inline(own)}`,
  );
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

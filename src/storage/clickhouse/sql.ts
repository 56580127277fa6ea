/** SQL text whose values are already escaped. Only `sql` and `raw` make it. */
export class Sql {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type SqlValue = string | number | bigint | boolean | Sql | readonly SqlValue[];

/**
 * Builds SQL from a template; every value becomes a literal: strings quoted and escaped, numbers as they are,
 * lists in parentheses. The embedded engine runs parameterised queries one at a time, so literals it is.
 */
export function sql(strings: TemplateStringsArray, ...values: readonly SqlValue[]): Sql {
  let text = strings[0]!;
  values.forEach((value, index) => {
    text += literal(value) + strings[index + 1]!;
  });
  return new Sql(text);
}

/** SQL text of our own, never of a user. */
export function raw(text: string): Sql {
  return new Sql(text);
}

export function join(parts: readonly Sql[], separator: string): Sql {
  return new Sql(parts.map(({ text }) => text).join(separator));
}

/** The bytes that hex digits stand for. A literal: the engine reads thousands of them faster than calls. */
export function bytes(digits: string): Sql {
  if (!/^(?:[0-9a-f]{2})*$/.test(digits)) throw new TypeError(`not hex digits: ${digits}`);
  return new Sql(`'${digits.replace(/../g, String.raw`\x$&`)}'`);
}

/** Ids in hex as a list for `IN`; callers see to it that there is one, and few enough for a query's text. */
export function idList(ids: readonly string[]): Sql {
  return sql`(${join(ids.map(bytes), ', ')})`;
}

function literal(value: SqlValue): string {
  if (value instanceof Sql) return value.text;
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`not a finite number: ${value}`);
    return String(value);
  }
  return `(${value.map(literal).join(', ')})`;
}

/** ClickHouse string literal: backslash escapes (https://clickhouse.com/docs/sql-reference/syntax#string). */
function quote(value: string): string {
  const escaped = value.replace(/[\\'\0\b\f\r\n\t]/g, (character) => ESCAPES[character]!);
  return `'${escaped}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
  '\r': '\\r',
  '\n': '\\n',
  '\t': '\\t',
};

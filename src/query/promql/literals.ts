/** Numbers, durations and strings as PromQL writes them. */

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

const DURATION = /^(?:\d+(?:ms|[smhdwy]))+$/;

/** `1h30m` → 5,400,000; undefined for what is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) {
    ms += Number(count) * UNIT_MS[unit!]!;
  }
  return ms;
}

/** A number, or a duration in seconds. */
export function parseNumber(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[+-]\s*/, '').replaceAll('_', '');
  const lower = digits.toLowerCase();
  if (lower === 'inf') return sign * Infinity;
  if (lower === 'nan') return NaN;
  const durationMs = parseDuration(digits);
  return sign * (durationMs === undefined ? Number(digits) : durationMs / 1000);
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

const ESCAPE =
  /\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]|$))/g;

/** The text between the quotes, escapes undone as Go does; undefined when it is no string. */
export function parseString(text: string): string | undefined {
  const quote = text[0];
  if (text.length < 2 || text.at(-1) !== quote) return undefined;
  const inner = text.slice(1, -1);
  if (quote === '`') return inner;
  if (inner.includes('\n')) return undefined;
  let valid = true;
  const value = inner.replace(ESCAPE, (_, letter?: string, ...digits: (string | undefined)[]) => {
    if (letter !== undefined) return ESCAPES[letter]!;
    const [hex, short, long, octal] = digits;
    const hexadecimal = hex ?? short ?? long;
    const point =
      typeof octal === 'string'
        ? parseInt(octal, 8)
        : hexadecimal === undefined
          ? Infinity
          : parseInt(hexadecimal, 16);
    if (point > 0x10ffff) valid = false;
    return valid ? String.fromCodePoint(point) : '';
  });
  return valid ? value : undefined;
}

/** As Prometheus writes sample values: `+Inf`, `-Inf`, `NaN`, else the shortest digits that read back the same. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

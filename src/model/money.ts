/**
 * Money as whole picodollars (10⁻¹² US dollars) in a bigint: sums are exact, whatever their order and number.
 * A token of the cheapest cached model costs some thousand of them.
 */
export type Picodollars = bigint;

const PICO_DIGITS = 12;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Dollars as decimal text, e.g. `0.0375`. Undefined for what is no plain decimal; digits beyond the twelfth are rounded half up. */
export function parseDollars(text: string): Picodollars | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, minus, whole, fraction = ''] = match;
  const digits = fraction.padEnd(PICO_DIGITS + 1, '0');
  const size =
    BigInt(whole! + digits.slice(0, PICO_DIGITS)) + (digits[PICO_DIGITS]! >= '5' ? 1n : 0n);
  return minus === '-' ? -size : size;
}

/** Decimal text without an exponent and without trailing zeros: `0.0375`, `12`, `-0.5`. */
export function formatDollars(amount: Picodollars): string {
  const size = amount < 0n ? -amount : amount;
  const digits = String(size).padStart(PICO_DIGITS + 1, '0');
  const fraction = digits.slice(-PICO_DIGITS).replace(/0+$/, '');
  const whole = digits.slice(0, -PICO_DIGITS);
  return `${amount < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The nearest double, for JSON and charts. */
export function toDollars(amount: Picodollars): number {
  return Number(formatDollars(amount));
}

/** A double that a sender reported, e.g. 0.0123; undefined for what is not finite or beyond nine million dollars. */
export function fromDollars(dollars: number): Picodollars | undefined {
  if (!Number.isFinite(dollars) || Math.abs(dollars) > 9_000_000) return undefined;
  return parseDollars(dollars.toFixed(PICO_DIGITS));
}

/** Decimal numbers without rounding: `units` × 10^-`scale`. */
export interface Decimal {
  readonly units: bigint;
  /** 0 to `SCALE_MAX`, or a multiple of it after a multiplication. */
  readonly scale: number;
}

const SCALE_MAX = 30;
const DIGITS_MAX = 40;
export const ZERO: Decimal = { units: 0n, scale: 0 };

/**
 * A number of JSON, or an amount as people write it: `$1,234.50`, `1.234,50 €`, `(12.00)`. Undefined for what is
 * neither. A double stands for the shortest decimal that means it, which is what its writer wrote up to 15 digits.
 */
export function parseDecimal(value: unknown): Decimal | undefined {
  if (typeof value === 'number') {
    return Number.isFinite(value) ? fromPlain(String(value)) : undefined;
  }
  if (typeof value !== 'string' || value.length > 64) return undefined;
  const amount =
    /^(?:[A-Z]{3}|[$€£¥₹])?\s*(\()?\s*([-+−]?)\s*[$€£¥₹]?\s*(\d[\d.,'’\s]*?)\s*(\))?\s*(?:[A-Z]{3}|[$€£¥₹])?$/u.exec(
      value.trim(),
    );
  if (amount === null) return fromPlain(value.trim());
  const [, opening, sign, digits, closing] = amount;
  if ((opening === undefined) !== (closing === undefined)) return undefined;
  const plain = withPoint(digits!.replaceAll(/['’\s]/g, ''));
  if (plain === undefined) return undefined;
  const negative = (sign !== '' && sign !== '+') !== (opening !== undefined);
  return fromPlain(negative ? `-${plain}` : plain);
}

/** Digits with a point for the fraction, whatever the separators were. */
function withPoint(digits: string): string | undefined {
  const comma = digits.lastIndexOf(',');
  const point = digits.lastIndexOf('.');
  if (comma >= 0 && point >= 0) {
    const [thousands, fraction] = comma > point ? ['.', ','] : [',', '.'];
    if (digits.split(fraction).length > 2) return undefined;
    return digits.replaceAll(thousands, '').replace(fraction, '.');
  }
  if (comma >= 0) {
    return /^\d{1,3}(,\d{3})+$/.test(digits)
      ? digits.replaceAll(',', '')
      : single(digits, ',')?.replace(',', '.');
  }
  return digits.split('.').length > 2
    ? /^\d{1,3}(\.\d{3})+$/.test(digits)
      ? digits.replaceAll('.', '')
      : undefined
    : digits;
}

const single = (digits: string, separator: string): string | undefined =>
  digits.split(separator).length === 2 ? digits : undefined;

function fromPlain(text: string): Decimal | undefined {
  const match = /^(-?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text);
  if (match === null) return undefined;
  const [, minus, whole = '', fraction = '', exponent = '0'] = match;
  if (whole + fraction === '') return undefined;
  const scale = fraction.length - Number(exponent);
  if (whole.length + fraction.length > DIGITS_MAX || Math.abs(scale) > SCALE_MAX) return undefined;
  const units = BigInt(whole + fraction) * (scale < 0 ? 10n ** BigInt(-scale) : 1n);
  return { units: minus === '-' ? -units : units, scale: Math.max(0, scale) };
}

function aligned(left: Decimal, right: Decimal): readonly [bigint, bigint, number] {
  const scale = Math.max(left.scale, right.scale);
  return [
    left.units * 10n ** BigInt(scale - left.scale),
    right.units * 10n ** BigInt(scale - right.scale),
    scale,
  ];
}

export function add(left: Decimal, right: Decimal): Decimal {
  const [a, b, scale] = aligned(left, right);
  return { units: a + b, scale };
}

export function subtract(left: Decimal, right: Decimal): Decimal {
  const [a, b, scale] = aligned(left, right);
  return { units: a - b, scale };
}

export function multiply(left: Decimal, right: Decimal): Decimal {
  return { units: left.units * right.units, scale: left.scale + right.scale };
}

/** Whether they differ by no more than the tolerance. */
export function isNear(left: Decimal, right: Decimal, tolerance: Decimal): boolean {
  const difference = subtract(left, right);
  const size = difference.units < 0n ? -difference.units : difference.units;
  const [a, b] = aligned({ units: size, scale: difference.scale }, tolerance);
  return a <= b;
}

/** Text without an exponent and without trailing zeros. */
export function formatDecimal({ units, scale }: Decimal): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

export const toNumber = (value: Decimal): number => Number(formatDecimal(value));

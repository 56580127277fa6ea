import { isDigit } from './json-reader.ts';

/** A whole number as sign and magnitude; the magnitude as two unsigned halves. One object, filled anew. */
export interface JsonInteger {
  negative: boolean;
  low: number;
  high: number;
}

const MINUS = 0x2d;
/** Longer texts are not taken for whole numbers: the longest 64-bit number has 20 digits. */
const TEXT_MAX = 64;
const FORM = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * Reads the text at `[start, end)` as a whole number of at most 64 bits without losing precision: digits, or a
 * fraction or exponent that comes out whole (`1.0`, `1e3`). False when it is no such number.
 */
export function parseInteger(text: Buffer, start: number, end: number, into: JsonInteger): boolean {
  into.negative = text[start] === MINUS;
  const from = into.negative ? start + 1 : start;
  if (end === from || end - start > TEXT_MAX) return false;
  const digits = end - from;
  if (digits > 20) return parseUncommon(text, start, end, into);
  let value = 0;
  const split = Math.min(end, from + 15);
  for (let at = from; at < split; at++) {
    const byte = text[at]!;
    if (!isDigit(byte)) return parseUncommon(text, start, end, into);
    value = value * 10 + (byte - 0x30);
  }
  let scale = 1;
  let rest = 0;
  for (let at = split; at < end; at++) {
    const byte = text[at]!;
    if (!isDigit(byte)) return parseUncommon(text, start, end, into);
    scale *= 10;
    rest = rest * 10 + (byte - 0x30);
  }
  // Products of halves stay below 2^53: the scale is at most 10^5.
  const lower = (value >>> 0) * scale + rest;
  into.low = lower >>> 0;
  into.high = Math.floor(value / 2 ** 32) * scale + Math.floor(lower / 2 ** 32);
  return into.high < 2 ** 32;
}

function parseUncommon(text: Buffer, start: number, end: number, into: JsonInteger): boolean {
  const match = FORM.exec(text.toString('latin1', start, end));
  if (match === null) return false;
  const [, whole, fraction = '', exponent = '0'] = match;
  const digits = `${whole!}${fraction}`.replace(/^0+/, '');
  const shift = Number(exponent) - fraction.length;
  if (digits === '') {
    into.low = 0;
    into.high = 0;
    return true;
  }
  if (digits.length + shift > 20) return false;
  const kept = shift < 0 ? digits.slice(0, shift) : digits + '0'.repeat(shift);
  if (shift < 0 && !/^0*$/.test(digits.slice(shift))) return false;
  if (kept === '') return false;
  const value = BigInt(kept);
  if (value >= 1n << 64n) return false;
  into.low = Number(value & 0xffffffffn);
  into.high = Number(value >> 32n);
  return true;
}

import type { ByteBuilder } from '../base/byte-builder.ts';
import type { JsonField } from './json-fields.ts';
import type { JsonInteger } from './json-integer.ts';
import { parseInteger } from './json-integer.ts';
import { hexDigit } from './json-reader.ts';

/** The value of a scalar field in JSON: `null` aside, a string, a number or a boolean. */
export interface JsonToken {
  kind: 'string' | 'number' | 'true' | 'false' | 'other';
  text: Buffer;
  start: number;
  end: number;
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const NUMBER_TEXT_MAX = 400;
const integer: JsonInteger = { negative: false, low: 0, high: 0 };

type IntegerType =
  | 'int32'
  | 'uint32'
  | 'sint32'
  | 'fixed32'
  | 'int64'
  | 'uint64'
  | 'fixed64'
  | 'sfixed64';

/** What `writeScalar` did. */
export const WRITTEN = { wrong: 0, zero: 1, value: 2 } as const;

/**
 * Writes the token as the field's value, without its tag. Tells whether it was zero or empty, so that the
 * caller can leave such a field out; `wrong` when it is no such value, with an undefined rest written.
 */
export function writeScalar(out: ByteBuilder, field: JsonField, token: JsonToken): number {
  switch (field.type) {
    case 'string':
      return token.kind === 'string' ? writeBytes(out, token) : WRITTEN.wrong;
    case 'hex':
      return token.kind === 'string' ? writeHex(out, token) : WRITTEN.wrong;
    case 'bytes':
      return token.kind === 'string' ? writeBase64(out, token) : WRITTEN.wrong;
    case 'bool':
      if (token.kind !== 'true' && token.kind !== 'false') return WRITTEN.wrong;
      out.u8(token.kind === 'true' ? 1 : 0);
      return token.kind === 'true' ? WRITTEN.value : WRITTEN.zero;
    case 'double':
      return writeDouble(out, token);
    case 'enum':
      return writeEnum(out, field, token);
    case 'message':
      return WRITTEN.wrong;
    case 'int32':
    case 'uint32':
    case 'sint32':
    case 'fixed32':
    case 'int64':
    case 'uint64':
    case 'fixed64':
    case 'sfixed64':
      return readInteger(token) ? writeInteger(out, field.type) : WRITTEN.wrong;
    default:
      return field.type satisfies never;
  }
}

function writeBytes(out: ByteBuilder, token: JsonToken): number {
  out.varint(token.end - token.start);
  out.copy(token.text, token.start, token.end);
  return token.end === token.start ? WRITTEN.zero : WRITTEN.value;
}

function writeHex(out: ByteBuilder, token: JsonToken): number {
  const { text, start, end } = token;
  if ((end - start) % 2 !== 0) return WRITTEN.wrong;
  out.varint((end - start) / 2);
  for (let at = start; at < end; at += 2) {
    const high = hexDigit(text[at]!);
    const low = hexDigit(text[at + 1]!);
    if (high === -1 || low === -1) return WRITTEN.wrong;
    out.u8(high * 16 + low);
  }
  return end === start ? WRITTEN.zero : WRITTEN.value;
}

/** Standard and URL-safe base64, with or without padding. */
function writeBase64(out: ByteBuilder, token: JsonToken): number {
  const { text, start } = token;
  let { end } = token;
  for (let padding = 0; padding < 2 && end > start && text[end - 1] === 0x3d; padding++) end--;
  const rest = (end - start) % 4;
  if (rest === 1) return WRITTEN.wrong;
  out.varint(Math.floor((end - start) / 4) * 3 + (rest === 0 ? 0 : rest - 1));
  let bits = 0;
  for (let at = start; at < end; at++) {
    const digit = base64Digit(text[at]!);
    if (digit === -1) return WRITTEN.wrong;
    bits = ((bits << 6) | digit) & 0xffffff;
    const phase = (at - start) % 4;
    if (phase !== 0) out.u8((bits >> (6 - 2 * phase)) & 0xff);
  }
  return end === start ? WRITTEN.zero : WRITTEN.value;
}

function base64Digit(byte: number): number {
  if (byte >= 0x41 && byte <= 0x5a) return byte - 0x41;
  if (byte >= 0x61 && byte <= 0x7a) return byte - 0x61 + 26;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30 + 52;
  if (byte === 0x2b || byte === 0x2d) return 62;
  return byte === 0x2f || byte === 0x5f ? 63 : -1;
}

function writeDouble(out: ByteBuilder, token: JsonToken): number {
  let value = Number.NaN;
  if (token.kind === 'number') {
    value = Number(token.text.toString('latin1', token.start, token.end));
    if (!Number.isFinite(value)) return WRITTEN.wrong;
  } else if (token.kind === 'string' && token.end - token.start <= NUMBER_TEXT_MAX) {
    const text = token.text.toString('latin1', token.start, token.end);
    if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') value = Number(text);
    else if (NUMBER.test(text)) value = Number(text);
    else return WRITTEN.wrong;
  } else return WRITTEN.wrong;
  out.f64(value);
  return Object.is(value, 0) ? WRITTEN.zero : WRITTEN.value;
}

function writeEnum(out: ByteBuilder, field: JsonField, token: JsonToken): number {
  if (token.kind === 'string') {
    const value = field.values!.get(token.text.toString('latin1', token.start, token.end));
    if (value !== undefined) {
      out.varint(value);
      return value === 0 ? WRITTEN.zero : WRITTEN.value;
    }
  }
  return readInteger(token) ? writeInteger(out, 'int32') : WRITTEN.wrong;
}

function readInteger(token: JsonToken): boolean {
  if (token.kind !== 'number' && token.kind !== 'string') return false;
  return parseInteger(token.text, token.start, token.end, integer);
}

/** Writes `integer`, if it fits the type. */
function writeInteger(out: ByteBuilder, type: IntegerType): number {
  const { negative, low, high } = integer;
  const isZero = low === 0 && high === 0;
  const outcome = isZero ? WRITTEN.zero : WRITTEN.value;
  switch (type) {
    case 'uint32':
    case 'fixed32':
      if (high !== 0 || (negative && !isZero)) return WRITTEN.wrong;
      if (type === 'fixed32') out.u32(low);
      else out.varint(low);
      return outcome;
    case 'int32':
    case 'sint32':
      if (high !== 0 || low > (negative ? 0x80000000 : 0x7fffffff)) return WRITTEN.wrong;
      if (type === 'sint32') out.varint(negative && !isZero ? low * 2 - 1 : low * 2);
      else writeSigned(out, 'varint');
      return outcome;
    case 'uint64':
    case 'fixed64':
      if (negative && !isZero) return WRITTEN.wrong;
      if (type === 'fixed64') out.u64(low, high);
      else writeVarint64(out, low, high);
      return outcome;
    case 'int64':
    case 'sfixed64': {
      const isLowest = negative && high === 0x80000000 && low === 0;
      if (high > 0x7fffffff && !isLowest) return WRITTEN.wrong;
      writeSigned(out, type === 'sfixed64' ? 'fixed' : 'varint');
      return outcome;
    }
    default:
      return type satisfies never;
  }
}

/** Writes `integer` in two's complement of 64 bits. */
function writeSigned(out: ByteBuilder, form: 'varint' | 'fixed'): void {
  let { low, high } = integer;
  if (integer.negative) {
    low = -low >>> 0;
    high = (low === 0 ? -high : ~high) >>> 0;
  }
  if (form === 'fixed') out.u64(low, high);
  else writeVarint64(out, low, high);
}

function writeVarint64(out: ByteBuilder, low: number, high: number): void {
  if (high < 0x200000) {
    out.varint(high * 2 ** 32 + low);
    return;
  }
  let restLow = low;
  let restHigh = high;
  while (restHigh !== 0 || restLow >= 0x80) {
    out.u8((restLow & 0x7f) | 0x80);
    restLow = ((restLow >>> 7) | (restHigh << 25)) >>> 0;
    restHigh >>>= 7;
  }
  out.u8(restLow);
}

import { hash } from 'node:crypto';

import type { StringColumn } from '../base/string-column.ts';
import { ByteBuilder } from '../base/byte-builder.ts';
import { PAYLOAD_HASH_BYTES, PAYLOAD_MARK } from '../model/payload-columns.ts';
import type { PayloadColumns } from '../model/payload-columns.ts';

/** Values of this many bytes and more leave the row. */
export const PAYLOAD_BYTES_MIN = 1024;
/** Parts of a JSON list of this many bytes and more are kept each for itself. */
const PART_BYTES_MIN = 256;
/** What may stand between two parts without counting as content: a comma and white space. */
const SEPARATOR_BYTES = 8;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const text = new ByteBuilder(4096);

/**
 * Puts a large value's content into `payloads` and its text with references into `column`. In a JSON list
 * (or an object of lists) every large element is a payload of its own, so that a conversation sent again
 * with one more message adds one message. Anything else is one payload.
 */
export function pushLargeValue(
  column: StringColumn,
  payloads: PayloadColumns,
  source: Buffer,
  start: number,
  end: number,
): void {
  text.reset();
  const first = source[start];
  const splits =
    (first === OPEN_BRACKET || first === OPEN_BRACE) &&
    !source.subarray(start, end).includes(PAYLOAD_MARK)
      ? listElements(source, start, end)
      : [];
  const between = splits.reduce((rest, [from, to]) => rest - (to - from), end - start);
  // Without large elements, or with much left between them, the whole is one payload.
  if (splits.length === 0 || between >= PAYLOAD_BYTES_MIN + splits.length * SEPARATOR_BYTES) {
    refer(payloads, source, start, end);
  } else {
    let at = start;
    for (const [from, to] of splits) {
      text.copy(source, at, from);
      refer(payloads, source, from, to);
      at = to;
    }
    text.copy(source, at, end);
  }
  column.push(text.bytes, 0, text.length);
}

function refer(payloads: PayloadColumns, source: Buffer, start: number, end: number): void {
  const digest = hash('sha256', source.subarray(start, end), 'buffer');
  const hex = digest.toString('hex', 0, PAYLOAD_HASH_BYTES);
  payloads.add(digest, hex, source, start, end);
  text.u8(PAYLOAD_MARK);
  text.text(hex);
}

/** The large elements of lists at the top, or one level below an object's top. */
function listElements(source: Buffer, start: number, end: number): [number, number][] {
  const elements: [number, number][] = [];
  let depth = 0;
  let listDepth = -1;
  let elementStart = -1;
  for (let at = start; at < end; at++) {
    const byte = source[at]!;
    if (byte === QUOTE) {
      at = endOfString(source, at + 1, end);
    } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      depth++;
      if (byte === OPEN_BRACKET && listDepth === -1 && depth <= 2) {
        listDepth = depth;
        elementStart = at + 1;
      }
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
      if (depth === listDepth) {
        addElement(elements, source, elementStart, at);
        listDepth = -1;
      }
      depth--;
      // The value has ended: what follows is no JSON.
      if (depth === 0) break;
    } else if (byte === COMMA && depth === listDepth) {
      addElement(elements, source, elementStart, at);
      elementStart = at + 1;
    }
  }
  return elements;
}

function addElement(
  elements: [number, number][],
  source: Buffer,
  start: number,
  end: number,
): void {
  let from = start;
  while (from < end && source[from]! <= 0x20) from++;
  if (end - from >= PART_BYTES_MIN) elements.push([from, end]);
}

function endOfString(source: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = source[at]!;
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) return at;
  }
  return end;
}

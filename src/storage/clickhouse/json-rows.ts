import type { Turns } from '../../base/turns.ts';
import { inTurns } from '../../base/turns.ts';

/** Bytes of an answer that are parsed before others may have their turn. */
const PARSED_AT_ONCE = 256 * 1024;
const NEWLINE = 0x0a;
const decoder = new TextDecoder();

/**
 * The rows of an answer in JSONEachRow. Of many, some are parsed and then others have their turn; the whole is never one
 * text, which a thread with little memory could not hold.
 */
export async function parseRowsInTurns<Row>(bytes: Uint8Array): Promise<Row[]> {
  return bytes.length > PARSED_AT_ONCE
    ? await inTurns(parseInTurns<Row>(bytes))
    : parseRows<Row>(decoder.decode(bytes));
}

function* parseInTurns<Row>(bytes: Uint8Array): Turns<Row[]> {
  const rows: Row[] = [];
  for (let from = 0; from < bytes.length;) {
    // A newline within a value is written as an escape.
    const newline = bytes.indexOf(NEWLINE, from + PARSED_AT_ONCE);
    const to = newline === -1 ? bytes.length : newline + 1;
    for (const row of parseRows<Row>(decoder.decode(bytes.subarray(from, to)))) rows.push(row);
    from = to;
    yield;
  }
  return rows;
}

/** As `parseRowsInTurns`, at once. */
export function parseRows<Row>(json: string): Row[] {
  if (json === '') return [];
  return JSON.parse(`[${json.trimEnd().replaceAll('\n', ',')}]`) as Row[];
}

import type { Turns } from '../../base/turns.ts';
import { inTurns } from '../../base/turns.ts';

/** Characters of an answer that are parsed before others may have their turn. */
const PARSED_AT_ONCE = 256 * 1024;

/** The rows of an answer in JSONEachRow; others have their turn in between when there are many. */
export async function parseRowsInTurns<Row>(json: string): Promise<Row[]> {
  return json.length > PARSED_AT_ONCE
    ? await inTurns(parseInTurns<Row>(json))
    : parseRows<Row>(json);
}

function* parseInTurns<Row>(json: string): Turns<Row[]> {
  const rows: Row[] = [];
  for (let from = 0; from < json.length;) {
    const newline = json.indexOf('\n', from + PARSED_AT_ONCE);
    const to = newline === -1 ? json.length : newline + 1;
    for (const row of parseRows<Row>(json.slice(from, to))) rows.push(row);
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

import { collectWords } from '../../model/words.ts';
import type { OutlinePosition, SpanOutline } from '../span-outline.ts';
import type { NativeColumns, Words } from './native-reader.ts';
import { tracesPredicate } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { bytes, raw, sql } from './sql.ts';

/** Longer names are cut: a page of them must stay small. */
const NAME_CHARACTERS_MAX = 300;
/** As long as one may be that is asked for. */
const CONVERSATION_CHARACTERS_MAX = 1_024;
const ID_BYTES = 8;
const NO_ID = '0'.repeat(ID_BYTES * 2);

/** One page of a trace's outline. */
export async function listOutline(
  queryBlocks: (statement: Sql) => Promise<NativeColumns[]>,
  project: string,
  traceId: string,
  page: {
    readonly traceStartNs: bigint;
    readonly after: OutlinePosition | undefined;
    readonly limit: number;
  },
): Promise<SpanOutline> {
  const { traceStartNs, after, limit } = page;
  const behind =
    after === undefined
      ? raw('1')
      : sql`(start_ns, span_id) > (toFloat64(${after.startNs}), toFixedString(${bytes(after.spanId)}, ${ID_BYTES}))`;
  const blocks = await queryBlocks(sql`SELECT * FROM (
      SELECT span_id, parent_span_id, toFloat64(toUnixTimestamp64Nano(start) - toInt64(${traceStartNs})) AS start_ns,
        toFloat64(duration_ns) AS lasts_ns, kind, status_code, leftUTF8(name, ${NAME_CHARACTERS_MAX}) AS short_name,
        service, agent, operation, request_model, response_model, tool_name, error_type,
        toLowCardinality(leftUTF8(conversation, ${CONVERSATION_CHARACTERS_MAX})) AS talk
      FROM spans WHERE ${tracesPredicate(project, [traceId])} ORDER BY start, span_id LIMIT 1 BY span_id)
    WHERE ${behind} ORDER BY start_ns, span_id LIMIT ${limit}`);
  return outlineOf(blocks);
}

function outlineOf(blocks: readonly NativeColumns[]): SpanOutline {
  const words = collectWords();
  const column = <T>(read: (block: NativeColumns) => Iterable<T>): T[] => {
    const all: T[] = [];
    for (const block of blocks) for (const value of read(block)) all.push(value);
    return all;
  };
  const coded = (name: string): number[] =>
    column((block) => codesOf(block.get('words', name), block.rows, words.code));
  return {
    spanIds: column((block) => idsOf(block, 'span_id')),
    startNs: column((block) => floatsOf(block, 'start_ns')),
    durationNs: column((block) => floatsOf(block, 'lasts_ns')),
    kinds: column((block) => block.bytesOf('kind')),
    statusCodes: column((block) => block.bytesOf('status_code')),
    parents: column((block) => idsOf(block, 'parent_span_id')).map((id) =>
      id === NO_ID ? 0 : words.code(id),
    ),
    names: coded('short_name'),
    services: coded('service'),
    agents: coded('agent'),
    operations: coded('operation'),
    requestModels: coded('request_model'),
    responseModels: coded('response_model'),
    tools: coded('tool_name'),
    errorTypes: coded('error_type'),
    conversations: coded('talk'),
    words: words.all,
  };
}

function idsOf(block: NativeColumns, name: string): string[] {
  const digits = block.bytesOf(name).toString('hex');
  return Array.from({ length: block.rows }, (_, row) =>
    digits.slice(row * ID_BYTES * 2, (row + 1) * ID_BYTES * 2),
  );
}

function floatsOf(block: NativeColumns, name: string): number[] {
  const { view, at } = block.get('fixed', name);
  return Array.from({ length: block.rows }, (_, row) => view.getFloat64(at + row * 8, true));
}

/** A block's own numbers for its texts, as numbers in the words of all. */
function codesOf({ texts, ids }: Words, rows: number, code: (word: string) => number): number[] {
  const known = new Map<number, number>();
  return Array.from({ length: rows }, (_, row) => {
    const id = ids[row]!;
    const found = known.get(id) ?? code(texts[id]!);
    known.set(id, found);
    return found;
  });
}

import type { SpanEventMark } from '../span-events.ts';
import type { Query } from './query.ts';
import { tracesPredicate } from './span-predicates.ts';
import { raw, sql } from './sql.ts';

const NAME_CHARACTERS_MAX = 120;
const MESSAGE_CHARACTERS_MAX = 300;

/**
 * Events of a trace's spans, in no order. Events may hold whole prompts: they are taken apart where they are stored, and
 * spans are not sorted, so that no more of them is in memory than a block.
 */
export function listEvents(
  query: Query,
  project: string,
  traceId: string,
  limit: number,
): Promise<SpanEventMark[]> {
  return query<SpanEventMark>(sql`SELECT spanId, JSONExtractString(event, 'timeUnixNano') AS timeUnixNano,
      leftUTF8(JSONExtractString(event, 'name'), ${NAME_CHARACTERS_MAX}) AS name,
      ${raw(attribute('exception.type'))} AS exceptionType, ${raw(attribute('exception.message'))} AS exceptionMessage
    FROM (SELECT lower(hex(span_id)) AS spanId, events FROM spans
      WHERE ${tracesPredicate(project, [traceId])} AND events != '' LIMIT 1 BY spanId)
    ARRAY JOIN JSONExtractArrayRaw(events) AS event LIMIT ${limit}`);
}

/** The text of an exception's attribute; '' for what has none. */
function attribute(key: string): string {
  const found = `arrayFirst(item -> JSONExtractString(item, 'key') = '${key}', JSONExtractArrayRaw(event, 'attributes'))`;
  return `if(JSONExtractString(event, 'name') = 'exception',
    leftUTF8(JSONExtractString(${found}, 'value', 'stringValue'), ${MESSAGE_CHARACTERS_MAX}), '')`;
}

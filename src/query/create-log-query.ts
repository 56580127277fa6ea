import type { LogCondition, LogPosition, LogStore, StoredLog } from '../storage/log-store.ts';
import type { TraceStore } from '../storage/trace-store.ts';
import { AppError } from '../errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { rangeOf } from './find-traces.ts';
import { describeLogs, readLog } from './describe-logs.ts';
import type { LogFilter, LogQuery } from './log-query.ts';
import { idOf, positionOf } from './log-id.ts';
import { stepFor } from './outline-traces.ts';

/** Words of one search; what is more is not looked for. */
const WORDS_MAX = 8;

/** Lists show so much of a value that is kept apart; the record by its id has all of it. */
const SHOWN_BYTES = 4 * 1024;

type Payloads = Pick<TraceStore, 'getResources' | 'getScopes' | 'getPayloads'>;

/** Answers questions about log records from the stores. */
export function createLogQuery(logs: LogStore, stored: Payloads): LogQuery {
  return {
    async findLogs(project, filter, { order, limit, cursor, whole }) {
      const after = cursor === undefined ? undefined : afterOf(cursor);
      const query = { ...questionOf(filter), order, after, limit: limit + 1 };
      const found = await logs.findLogs(project, query);
      const { rows, taken } = await describeLogs(logs, project, found.slice(0, limit), {
        shownBytes: whole === true ? Infinity : SHOWN_BYTES,
      });
      const last = found[taken - 1];
      const more = last !== undefined && taken < found.length;
      return { rows, nextCursor: more ? cursorOf(last) : null };
    },

    async findAround(project, { id, filter, limit }) {
      const after = positionOf(id);
      if (after === undefined) return undefined;
      const half = Math.ceil((limit - 1) / 2);
      const question = questionOf(filter);
      const [itself, older, newer] = await Promise.all([
        logs.getLog(project, after),
        logs.findLogs(project, { ...question, order: 'newest', after, limit: half }),
        logs.findLogs(project, { ...question, order: 'oldest', after, limit: half }),
      ]);
      if (itself === undefined) return undefined;
      const all: StoredLog[] = [...newer.toReversed(), itself, ...older];
      return (await describeLogs(logs, project, all, { shownBytes: SHOWN_BYTES })).rows;
    },

    async getLog(project, id) {
      const position = positionOf(id);
      const record = position === undefined ? undefined : await logs.getLog(project, position);
      return record === undefined ? undefined : await readLog(stored, project, record);
    },

    async countOverTime(project, filter, stepsMax) {
      const stepSeconds = stepFor(filter.fromMs, filter.toMs, stepsMax);
      const rows = await logs.countOverTime(project, { ...questionOf(filter), stepSeconds });
      return {
        stepSeconds,
        steps: rows.map(({ startNs, ...step }) => ({
          startMs: Number(startNs / 1_000_000n),
          ...step,
        })),
      };
    },

    listFacets: (project, filter, limit) => logs.listFacets(project, questionOf(filter), limit),
    findAttributeKeys: (project, { fromMs, part, limit }) =>
      logs.findAttributeKeys(project, { range: rangeOf({ fromMs }), part, limit }),
    findAttributeValues: (project, { fromMs, key, part, limit }) =>
      logs.findAttributeValues(project, { range: rangeOf({ fromMs }), key, part, limit }),
  };
}

function questionOf(filter: LogFilter) {
  return { range: rangeOf(filter), conditions: conditionsOf(filter) };
}

const EQUAL = [
  ['trace', 'traceId'],
  ['span', 'spanId'],
  ['service', 'service'],
  ['agent', 'agent'],
  ['event', 'event'],
  ['severity_text', 'severityText'],
] as const satisfies readonly (readonly [LogCondition['kind'], keyof LogFilter])[];

function conditionsOf(filter: LogFilter): LogCondition[] {
  const conditions: LogCondition[] = [];
  for (const [kind, field] of EQUAL) {
    const value = filter[field];
    if (value !== undefined) conditions.push({ kind, value });
  }
  if (filter.levels !== undefined && filter.levels.length > 0) {
    conditions.push({ kind: 'level', values: filter.levels });
  }
  if (filter.severityMin !== undefined) {
    conditions.push({ kind: 'least_severity', value: filter.severityMin });
  }
  for (const asked of filter.attributes ?? []) conditions.push({ kind: 'attribute', ...asked });
  for (const value of wordsOf(filter.text ?? '')) conditions.push({ kind: 'text', value });
  return conditions;
}

/** `disk "not found"` → `disk`, `not found`; a quote that is not closed reaches to the end. */
export function wordsOf(text: string): string[] {
  const words = [...text.matchAll(/"([^"]*)"?|[^\s"]+/g)].map(([word, quoted]) => quoted ?? word);
  return words.filter((word) => word.trim() !== '').slice(0, WORDS_MAX);
}

function cursorOf(position: LogPosition): string {
  return encodeCursor([idOf(position)]);
}

function afterOf(cursor: string): LogPosition {
  const position = positionOf(String(decodeCursor(cursor, 1)[0]));
  if (position !== undefined) return position;
  throw new AppError(
    'VALIDATION_ERROR',
    'the cursor is not one of ours; send meta.next_cursor as it was answered',
  );
}

import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { EvaluationStore, SpanIds, StoredEvaluation } from '../evaluation-store.ts';
import type { Engine } from './engine.ts';
import { createQuery, inChunks } from './query.ts';
import { itemPredicate } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { join, sql } from './sql.ts';

const EVENT = 'gen_ai.evaluation.result';
const RESPONSE_ID = 'gen_ai.response.id';
/** Each is looked up in the index by itself. */
const RESPONSES_AT_ONCE = 100;

/** Evaluations out of events of spans and out of log records. */
export function createEvaluationStore(engine: Engine): EvaluationStore {
  const query = createQuery(engine);
  return {
    async listEvaluations(receivedFromS, limit) {
      const since = receivedSince(receivedFromS);
      const [spans, logs] = await Promise.all([
        query<SpanEventsRow>(sql`SELECT project, lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId,
            toUnixTimestamp(received) AS receivedS, events
          FROM spans WHERE ${since} AND bitAnd(genai_flags, ${GENAI_FLAG.evaluated}) != 0
          ORDER BY received, trace_id, span_id LIMIT ${limit}`),
        query<LogRow>(sql`SELECT project,
            if(trace_id = toFixedString('', 16), '', lower(hex(trace_id))) AS traceId,
            if(span_id = toFixedString('', 8), '', lower(hex(span_id))) AS spanId,
            toUnixTimestamp(received) AS receivedS, toUnixTimestamp64Nano(time) AS timeNs,
            mapKeys(attributes) AS keys, mapValues(attributes) AS values
          FROM log_records WHERE ${since} AND event_name = ${EVENT}
          ORDER BY received, time LIMIT ${limit}`),
      ]);
      return [...spans.flatMap(fromSpan), ...logs.map(fromLog)].sort(
        (one, other) => one.receivedS - other.receivedS,
      );
    },

    async findSpansOfResponses(project, responseIds, receivedFromS) {
      const rows = await inChunks(
        responseIds,
        (ids) =>
          query<ResponseRow>(sql`SELECT attributes[${RESPONSE_ID}] AS responseId,
            lower(hex(argMin(trace_id, (start, span_id)))) AS traceId,
            lower(hex(argMin(span_id, (start, span_id)))) AS spanId
          FROM spans WHERE project = ${project} AND ${receivedSince(receivedFromS)}
            AND (${join(
              ids.map((id) => itemPredicate(RESPONSE_ID, id)),
              ' OR ',
            )})
          GROUP BY responseId`),
        RESPONSES_AT_ONCE,
      );
      return new Map(rows.map(({ responseId, ...span }) => [responseId, span]));
    },
  };
}

const receivedSince = (seconds: number): Sql =>
  sql`received >= toDateTime(${Math.max(0, Math.floor(seconds))}, 'UTC')`;

interface ResponseRow extends SpanIds {
  readonly responseId: string;
}

interface SpanEventsRow {
  readonly project: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly receivedS: number;
  readonly events: string;
}

interface LogRow {
  readonly project: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly receivedS: number;
  readonly timeNs: string;
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

/** OTLP/JSON, as the decoder writes it. */
interface EventJson {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes?: readonly { readonly key: string; readonly value?: object }[];
}

function fromSpan(row: SpanEventsRow): StoredEvaluation[] {
  const { project, traceId, spanId, receivedS } = row;
  return (JSON.parse(row.events) as EventJson[])
    .filter(({ name }) => name === EVENT)
    .map(({ timeUnixNano, attributes = [] }) => ({
      project,
      traceId,
      spanId,
      receivedS,
      timeNs: BigInt(timeUnixNano),
      attributes: new Map(attributes.map(({ key, value }) => [key, textOf(value)])),
    }));
}

/** The one member of an `AnyValue` as text. */
function textOf(value: object | undefined): string {
  const [inner] = Object.values(value ?? {}) as unknown[];
  return typeof inner === 'string' ? inner : inner === undefined ? '' : JSON.stringify(inner);
}

function fromLog(row: LogRow): StoredEvaluation {
  const { project, traceId, spanId, receivedS } = row;
  return {
    project,
    traceId,
    spanId,
    receivedS,
    timeNs: BigInt(row.timeNs),
    attributes: new Map(row.keys.map((key, index) => [key, row.values[index]!])),
  };
}

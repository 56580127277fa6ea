import type { Clock } from '../../base/clock.ts';
import type { QualityOutcome, QualityResult } from '../../model/quality.ts';
import { QUALITY_SOURCES } from '../../model/quality.ts';
import type {
  QualityCount,
  QualityCountFilter,
  QualityFilter,
  QualityGroup,
  QualityPosition,
  QualityResultStore,
  QualityScope,
} from '../quality-result-store.ts';
import type { InsertBlock } from './block-inserter.ts';
import type { Engine } from './engine.ts';
import type { ResultRow, SignedResult, StoredResult } from './quality-rows.ts';
import {
  encodeResults,
  held,
  identityOf,
  RESULT_COLUMNS,
  survivingResults,
} from './quality-rows.ts';
import type { Query } from './query.ts';
import { createQuery, inChunks } from './query.ts';
import { time, tracesPredicate } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { bytes, join, raw, sql } from './sql.ts';

const TABLE = 'quality_results';
const GROUPS_MAX = 200_000;
const ROWS_MIN = 40;
const ROWS_MAX = 20_000;
const ROUNDS_MAX = 50;

export interface QualityResultStoreOptions {
  readonly engine: Engine;
  readonly insert: InsertBlock;
  readonly clock: Clock;
}

/** Quality results in a ClickHouse table: every change is a row more. */
export function createQualityResultStore(options: QualityResultStoreOptions): QualityResultStore {
  const { engine, insert, clock } = options;
  const query = createQuery(engine);
  const put: Put = async (results, scopes) => {
    const projects = new Set([...results, ...scopes].map(({ project }) => project));
    const rows: SignedResult[] = [];
    for (const project of projects) {
      const own = results.filter((result) => result.project === project);
      const cleared = scopes.filter((scope) => scope.project === project);
      const stored = await getStored(query, project, own, cleared);
      rows.push(...changes(stored, own, cleared));
    }
    if (rows.length === 0) return;
    await insert(TABLE, encodeResults(rows, Math.floor(clock.now() / 1_000)));
  };

  return {
    put: together(put),
    find: (project, { filter, after, limit }) => find(query, project, { filter, after, limit }),
    count: (project, filter, groups) => count(query, project, filter, groups),
  };
}

type Put = (results: readonly QualityResult[], scopes: readonly QualityScope[]) => Promise<void>;

/** Puts one after the other; what comes meanwhile is put together: parts are dear, rows are not. */
function together(put: Put): QualityResultStore['put'] {
  let results: QualityResult[] = [];
  let scopes: QualityScope[] = [];
  /** Of what is gathered; undefined when nothing is. */
  let gathered: Promise<void> | undefined;
  let tail: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    const [ready, cleared] = [results, scopes];
    [results, scopes, gathered] = [[], [], undefined];
    return put(ready, cleared);
  };
  return (more, moreScopes = []) => {
    // What was gathered of the same scope is withdrawn like what is stored.
    const withdrawn = new Set(moreScopes.map(scopeKeyOf));
    if (withdrawn.size > 0) results = results.filter((one) => !withdrawn.has(scopeKeyOf(one)));
    for (const one of more) results.push(one);
    for (const one of moreScopes) scopes.push(one);
    if (gathered === undefined) {
      gathered = tail.then(flush);
      tail = gathered.catch(() => undefined);
    }
    return gathered;
  };
}

const scopeKeyOf = ({ project, traceId, runId, source }: QualityScope): string =>
  JSON.stringify([project, traceId, runId, source]);

async function getStored(
  query: Query,
  project: string,
  results: readonly QualityResult[],
  scopes: readonly QualityScope[],
): Promise<StoredResult[]> {
  const traceIds = [...results, ...scopes].flatMap(({ traceId }) =>
    traceId === '' ? [] : traceId,
  );
  const keys = results.flatMap(({ traceId, key }) => (traceId === '' ? key : []));
  const ofTraces = await inChunks(traceIds, (ids) =>
    query<ResultRow>(sql`SELECT ${raw(RESULT_COLUMNS)} FROM quality_results
      WHERE ${tracesPredicate(project, ids)}`),
  );
  const ofKeys = await inChunks(keys, (some) =>
    query<ResultRow>(sql`SELECT ${raw(RESULT_COLUMNS)} FROM quality_results
      WHERE project = ${project} AND trace_id = toFixedString('', 16) AND result_key IN ${some}`),
  );
  return survivingResults([...ofTraces, ...ofKeys]);
}

/** What is to be written so that the results stand in place of what is stored. */
function changes(
  stored: readonly StoredResult[],
  results: readonly QualityResult[],
  scopes: readonly QualityScope[],
): SignedResult[] {
  const wanted = new Map(results.map((result) => [identityOf(result), result]));
  const cleared = new Set(scopes.map((scope) => scopeKey(scope)));
  const rows: SignedResult[] = [];
  const known = new Map<string, number>();
  for (const { result, version } of stored) {
    const identity = identityOf(result);
    const next = wanted.get(identity);
    if (next === undefined && !cleared.has(scopeKey(result))) continue;
    if (next !== undefined && isSame(next, result)) wanted.delete(identity);
    else {
      known.set(identity, Math.max(version, known.get(identity) ?? 0));
      rows.push({ result, version, sign: -1 });
    }
  }
  for (const [identity, result] of wanted) {
    rows.push({ result, version: (known.get(identity) ?? 0) + 1, sign: 1 });
  }
  return rows;
}

const scopeKey = ({ traceId, runId, source }: Omit<QualityScope, 'project'>): string =>
  `${traceId}/${runId}/${source}`;

function isSame(one: QualityResult, other: QualityResult): boolean {
  const text = (result: QualityResult): string =>
    JSON.stringify([result.agent, result.severity, result.outcome, result.score, result.expected])
      .concat(JSON.stringify([result.actual, result.delta, result.message]))
      .concat(JSON.stringify([result.evidence?.spanId ?? '', result.evidence?.value ?? '']))
      .concat(String(held(result.startNs)));
  return text(one) === text(other);
}

/**
 * Results in order, without those that are gone. A row and the row that takes it back are equal in all that is filtered
 * and sorted by, so that both are found, side by side, and cancel each other here.
 */
async function find(
  query: Query,
  project: string,
  wanted: {
    readonly filter: QualityFilter;
    readonly after: QualityPosition | undefined;
    readonly limit: number;
  },
): Promise<{ results: readonly QualityResult[]; more: boolean }> {
  const { filter, limit } = wanted;
  const found: QualityResult[] = [];
  let { after } = wanted;
  let batch = Math.min(ROWS_MAX, limit * 2 + ROWS_MIN);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const rows = await query<ResultRow>(sql`SELECT ${raw(RESULT_COLUMNS)} FROM quality_results
      WHERE project = ${project} AND ${predicateOf(filter)} AND ${behind(after)}
      ORDER BY start DESC, trace_id DESC, run_id DESC, source DESC, quality_results.name DESC, result_key DESC
      LIMIT ${batch}`);
    const all = rows.length < batch;
    const whole = all ? rows : withoutLast(rows);
    if (whole.length === 0 && !all) {
      batch = Math.min(ROWS_MAX * 3, batch * 2);
      continue;
    }
    found.push(...survivingResults(whole).map(({ result }) => result));
    if (found.length > limit || all) {
      return { results: found.slice(0, limit), more: found.length > limit };
    }
    const last = whole.at(-1)!;
    after = {
      startNs: BigInt(last.startNs),
      traceId: last.traceId,
      runId: last.runId,
      source: last.resultSource,
      name: last.name,
      key: last.resultKey,
    };
  }
  return { results: found.slice(0, limit), more: true };
}

const placeOf = (row: ResultRow): string =>
  JSON.stringify([row.startNs, row.traceId, row.runId, row.resultSource, row.name, row.resultKey]);

/** The last row's fellows may not have been read. */
function withoutLast(rows: readonly ResultRow[]): readonly ResultRow[] {
  const last = placeOf(rows.at(-1)!);
  return rows.slice(
    0,
    rows.findIndex((row) => placeOf(row) === last),
  );
}

function behind(position: QualityPosition | undefined): Sql {
  if (position === undefined) return raw('1');
  const { startNs, traceId, runId, source, name, key } = position;
  const start = time(startNs);
  return sql`start <= ${start}
    AND (start, trace_id, run_id, toInt8(source), toString(quality_results.name), result_key)
      < (${start}, ${fixed(traceId, 16)}, ${fixed(runId, 8)}, toInt8(${QUALITY_SOURCES.indexOf(source)}), ${name}, ${key})`;
}

function predicateOf(filter: QualityFilter): Sql {
  const parts = [raw('1')];
  const add = (part: Sql): void => void parts.push(part);
  const { fromMs, toMs, agent, name, source, outcome, severity, traceId, runId } = filter;
  if (fromMs !== undefined) add(sql`start >= ${time(BigInt(Math.floor(fromMs)) * 1_000_000n)}`);
  if (toMs !== undefined) add(sql`start < ${time(BigInt(Math.floor(toMs)) * 1_000_000n)}`);
  if (agent !== undefined) add(sql`agent = ${agent}`);
  if (name !== undefined) add(sql`quality_results.name = ${name}`);
  if (source !== undefined) add(sql`source = ${source}`);
  if (outcome !== undefined) add(sql`outcome = ${outcome}`);
  if (severity !== undefined) add(sql`severity = ${severity}`);
  if (traceId !== undefined) add(sql`trace_id = ${bytes(traceId)}`);
  if (runId !== undefined) add(sql`run_id = ${bytes(runId)}`);
  return join(parts, ' AND ');
}

/** An id, or zeros for none. */
const fixed = (digits: string, length: number): Sql =>
  sql`toFixedString(${bytes(digits)}, ${length})`;

/** Expressions of the projection `daily`, word by word: it is what they are read from. */
const GROUP_SQL: Readonly<Record<QualityGroup, Sql>> = {
  agent: raw('agent'),
  source: raw('source'),
  name: raw('quality_results.name'),
  severity: raw('severity'),
  day: raw('toDate(start)'),
};

interface CountRow {
  readonly agentKey?: string;
  readonly sourceKey?: QualityCount['source'];
  readonly nameKey?: string;
  readonly severityKey?: QualityCount['severity'];
  readonly dayKey?: string;
  readonly outcomeKey: QualityOutcome;
  readonly results: string;
  readonly scores: string;
  readonly scoreSum: number;
}

async function count(
  query: Query,
  project: string,
  filter: QualityCountFilter,
  groups: readonly QualityGroup[],
): Promise<QualityCount[]> {
  const keys = groups.map((group) => sql`${GROUP_SQL[group]} AS ${raw(`${group}Key`)}`);
  const names = [...groups, 'outcome'].map((group) => raw(`${group}Key`));
  const rows =
    await query<CountRow>(sql`SELECT ${join([...keys, raw('outcome AS outcomeKey')], ', ')},
      sum(sign) AS results, sum(sign * isNotNull(score)) AS scores, sum(sign * ifNull(score, 0)) AS scoreSum
    FROM quality_results WHERE project = ${project} AND ${countPredicate(filter)}
    GROUP BY ${join(names, ', ')} ORDER BY ${join(names, ', ')} LIMIT ${GROUPS_MAX}`);
  const counts = new Map<string, Sums>();
  for (const row of rows) {
    const { agentKey = '', sourceKey = '', nameKey = '', severityKey = '', dayKey = '' } = row;
    const group = { agent: agentKey, source: sourceKey, name: nameKey, severity: severityKey };
    const key = JSON.stringify([group, dayKey]);
    const known = counts.get(key) ?? { ...group, ...NOTHING, day: dayKey };
    known[row.outcomeKey] += Number(row.results);
    known.scores += Number(row.scores);
    known.scoreSum += row.scoreSum;
    counts.set(key, known);
  }
  return [...counts.values()].map(toCount).filter(hasResults);
}

type Sums = { -readonly [Key in keyof Omit<QualityCount, 'meanScore'>]: QualityCount[Key] } & {
  scores: number;
  scoreSum: number;
};

const NOTHING = { passed: 0, failed: 0, scored: 0, unjudged: 0, scores: 0, scoreSum: 0 };

const toCount = ({ scores, scoreSum, ...sums }: Sums): QualityCount => ({
  ...sums,
  meanScore: scores > 0 ? scoreSum / scores : null,
});

const hasResults = ({ passed, failed, scored, unjudged }: QualityCount): boolean =>
  passed + failed + scored + unjudged > 0;

function countPredicate(filter: QualityCountFilter): Sql {
  const { agent, name, source, severity, fromDay, toDay } = filter;
  const parts = [predicateOf({ agent, name, source, severity })];
  if (fromDay !== undefined) parts.push(sql`toDate(start) >= toDate(${fromDay})`);
  if (toDay !== undefined) parts.push(sql`toDate(start) <= toDate(${toDay})`);
  return join(parts, ' AND ');
}

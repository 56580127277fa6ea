import type {
  QualityOutcome,
  QualityResult,
  QualitySource,
  Severity,
} from '../../model/quality.ts';
import { QUALITY_OUTCOMES, QUALITY_SOURCES, SEVERITIES } from '../../model/quality.ts';
import { RowBlock } from './row-block.ts';

/** Quality results as rows of their table, there and back. A row goes by being written again with the sign −1. */

export interface StoredResult {
  readonly result: QualityResult;
  readonly version: number;
}

export interface SignedResult extends StoredResult {
  readonly sign: 1 | -1;
}

const enumOf = (words: readonly string[]): string =>
  `Enum8(${words.map((word, index) => `'${word}' = ${index}`).join(', ')})`;

const SOURCE_ENUM = enumOf(QUALITY_SOURCES);
const SEVERITY_ENUM = enumOf(SEVERITIES);
const OUTCOME_ENUM = enumOf(QUALITY_OUTCOMES);

export function encodeResults(rows: readonly SignedResult[], recordedS: number): Buffer[] {
  const block = new RowBlock(rows);
  block.word('project', ({ result }) => result.project);
  block.u32('recorded', () => recordedS, "DateTime('UTC')");
  block.id('trace_id', 16, ({ result }) => result.traceId);
  block.id('run_id', 8, ({ result }) => result.runId);
  block.word('agent', ({ result }) => result.agent);
  block.u8('source', SOURCE_ENUM, ({ result }) => QUALITY_SOURCES.indexOf(result.source));
  block.word('name', ({ result }) => result.name);
  block.text('result_key', ({ result }) => result.key);
  block.u8('severity', SEVERITY_ENUM, ({ result }) => SEVERITIES.indexOf(result.severity));
  block.u8('outcome', OUTCOME_ENUM, ({ result }) => QUALITY_OUTCOMES.indexOf(result.outcome));
  block.nullableDouble('score', ({ result }) => result.score);
  block.text('expected', ({ result }) => result.expected);
  block.text('actual', ({ result }) => result.actual);
  block.nullableDouble('delta', ({ result }) => result.delta);
  block.text('message', ({ result }) => result.message);
  block.id('span_id', 8, ({ result }) => result.evidence?.spanId ?? '');
  block.text('evidence', ({ result }) => result.evidence?.value ?? '');
  block.i64('start', "DateTime64(9, 'UTC')", ({ result }) => held(result.startNs));
  block.u64('version', ({ version }) => version);
  block.u8('sign', 'Int8', ({ sign }) => sign);
  return block.finish();
}

const NANOS_MAX = 2n ** 63n - 1n;

/** What the engine's time type can hold. */
export const held = (ns: bigint): bigint => (ns < 0n ? 0n : ns > NANOS_MAX ? NANOS_MAX : ns);

const ID = (column: string, bytes: number): string =>
  `if(${column} = toFixedString('', ${bytes}), '', lower(hex(${column})))`;

export const RESULT_COLUMNS = `project, ${ID('trace_id', 16)} AS traceId, ${ID('run_id', 8)} AS runId, agent,
  toString(source) AS resultSource, name, result_key AS resultKey, toString(severity) AS resultSeverity,
  toString(outcome) AS resultOutcome, score, expected, actual, delta, message, ${ID('span_id', 8)} AS spanId,
  evidence, toUnixTimestamp64Nano(start) AS startNs, version, sign`;

export interface ResultRow {
  readonly project: string;
  readonly traceId: string;
  readonly runId: string;
  readonly agent: string;
  readonly resultSource: QualitySource;
  readonly name: string;
  readonly resultKey: string;
  readonly resultSeverity: Severity;
  readonly resultOutcome: QualityOutcome;
  readonly score: number | null;
  readonly expected: string;
  readonly actual: string;
  readonly delta: number | null;
  readonly message: string;
  readonly spanId: string;
  readonly evidence: string;
  readonly startNs: string;
  readonly version: string;
  readonly sign: number;
}

/** The rows that are there: those whose writing was not taken back, in the order in which they came. */
export function survivingResults(rows: readonly ResultRow[]): StoredResult[] {
  const sums = new Map<string, { row: ResultRow; sum: number }>();
  for (const row of rows) {
    const key = `${row.startNs} ${row.version} ${identityOf(fromResultRow(row))}`;
    const known = sums.get(key);
    if (known === undefined) sums.set(key, { row, sum: row.sign });
    else known.sum += row.sign;
  }
  return [...sums.values()]
    .filter(({ sum }) => sum > 0)
    .map(({ row }) => ({ result: fromResultRow(row), version: Number(row.version) }));
}

/** What makes two results the same one at different times. */
export function identityOf(result: QualityResult): string {
  const { traceId, runId, agent, source, name, key } = result;
  const about = traceId === '' && runId === '' ? agent : `${traceId}/${runId}`;
  return JSON.stringify([about, source, name, key]);
}

function fromResultRow(row: ResultRow): QualityResult {
  return {
    project: row.project,
    traceId: row.traceId,
    runId: row.runId,
    agent: row.agent,
    source: row.resultSource,
    name: row.name,
    key: row.resultKey,
    severity: row.resultSeverity,
    outcome: row.resultOutcome,
    score: row.score,
    expected: row.expected,
    actual: row.actual,
    delta: row.delta,
    message: row.message,
    evidence:
      row.spanId === '' && row.evidence === '' ? null : { spanId: row.spanId, value: row.evidence },
    startNs: BigInt(row.startNs),
  };
}

import { SEVERITY_LEVELS } from '../../../src/model/severity.ts';
import type { SeverityLevel } from '../../../src/model/severity.ts';
import type { LogRecord } from '../client/logs.ts';
import { gatherMarks } from './axis-marks.ts';

/** Where a record stands in a trace. */
export interface PlacedLog {
  readonly record: LogRecord;
  /** The span's place; -1 for a record of the trace alone, or of a span that has not come. */
  readonly index: number;
  /** Nanoseconds after the trace's start; negative for what was before. */
  readonly atNs: number;
}

export interface PlacedLogs {
  /** Earliest first. */
  readonly all: readonly PlacedLog[];
  readonly bySpan: ReadonlyMap<number, readonly PlacedLog[]>;
  /** Those of no span that is there. */
  readonly loose: readonly PlacedLog[];
}

/** Records at their times and under their spans. `indexOf` finds a span by its id, -1 when it is not there. */
export function placeLogs(
  records: readonly LogRecord[],
  traceStartUnixNano: bigint,
  indexOf: (spanId: string) => number,
): PlacedLogs {
  const bySpan = new Map<number, PlacedLog[]>();
  const loose: PlacedLog[] = [];
  const all = records.map((record) => {
    const index = record.spanId === '' ? -1 : indexOf(record.spanId);
    const atNs = Number(BigInt(record.timeUnixNano) - traceStartUnixNano);
    const placed = { record, index, atNs };
    const beside = index < 0 ? loose : bySpan.get(index);
    if (beside === undefined) bySpan.set(index, [placed]);
    else beside.push(placed);
    return placed;
  });
  return { all, bySpan, loose };
}

export interface LogMark {
  /** Where on the trace's axis, 0 to 1. */
  readonly at: number;
  readonly level: SeverityLevel;
  readonly count: number;
}

/** Marks for the records, those at about the same place as one, of the gravest level among them. */
export function marksOf(logs: readonly PlacedLog[], traceDurationNs: number): LogMark[] {
  return gatherMarks(logs, traceDurationNs).map(({ at, items }) => ({
    at,
    level: items.map(({ record }) => record.level).reduce((a, b) => (rank(b) > rank(a) ? b : a)),
    count: items.length,
  }));
}

const rank = (level: SeverityLevel): number => SEVERITY_LEVELS.indexOf(level);

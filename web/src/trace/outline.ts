import { collectWords } from '../../../src/model/words.ts';
import type { NumberedWords } from '../../../src/model/words.ts';
import type { DataOf } from '../client/call.ts';

export type OutlinePage = DataOf<'GET /api/v1/traces/{traceId}/outline'>;

/** Columns whose entries are places in `words`. */
export const WORD_COLUMNS = [
  'name',
  'service',
  'agent',
  'operation',
  'request_model',
  'response_model',
  'tool',
  'error_type',
  'conversation',
] as const;
export type WordColumn = (typeof WORD_COLUMNS)[number];

/** What is known of all spans of a trace: flat columns with an entry per span, which cross to another thread for little. */
export interface Outline {
  readonly traceStartUnixNano: bigint;
  /** Different texts, each once; '' first. */
  readonly words: readonly string[];
  readonly coded: Readonly<Record<WordColumn, Uint32Array>>;
  readonly spanIds: readonly string[];
  /** Different ids of parents, each once; '' first. */
  readonly parentIds: readonly string[];
  readonly parentCodes: Uint32Array;
  /** Nanoseconds after the trace's start. */
  readonly startNs: Float64Array;
  /** Negative where a span has no end. */
  readonly durationNs: Float64Array;
  /** `SpanKind` of OTLP. */
  readonly kinds: Uint8Array;
  /** 0 unset, 1 ok, 2 error. */
  readonly statuses: Uint8Array;
}

export interface OutlineCollector {
  add(page: OutlinePage): void;
  /** What has come so far. */
  outline(): Outline;
  readonly length: number;
}

/** Joins the pages of a trace's outline: each has words of its own. */
export function collectOutline(): OutlineCollector {
  const words = collectWords();
  const parents = collectWords();
  const spanIds: string[] = [];
  const parentCodes: number[] = [];
  const startNs: number[] = [];
  const durationNs: number[] = [];
  const kinds: number[] = [];
  const statuses: number[] = [];
  const coded = Object.fromEntries(WORD_COLUMNS.map((name) => [name, [] as number[]])) as Record<
    WordColumn,
    number[]
  >;
  let traceStartUnixNano = 0n;
  return {
    get length() {
      return spanIds.length;
    },
    add(page) {
      traceStartUnixNano = BigInt(page.trace_start_unix_nano);
      const codes = createCodes(page.words, words);
      const parentsOf = createCodes(page.words, parents);
      append(spanIds, page.span_id);
      append(startNs, page.start_ns);
      append(durationNs, page.duration_ns);
      append(kinds, page.kind);
      append(statuses, page.status);
      for (const code of page.parent_span_id) parentCodes.push(parentsOf(code));
      for (const name of WORD_COLUMNS) {
        const column = coded[name];
        for (const code of page[name]) column.push(codes(code));
      }
    },
    outline: () => ({
      traceStartUnixNano,
      words: words.all.slice(),
      coded: Object.fromEntries(
        WORD_COLUMNS.map((name) => [name, Uint32Array.from(coded[name])]),
      ) as Outline['coded'],
      spanIds: spanIds.slice(),
      parentIds: parents.all.slice(),
      parentCodes: Uint32Array.from(parentCodes),
      startNs: Float64Array.from(startNs),
      durationNs: Float64Array.from(durationNs),
      kinds: Uint8Array.from(kinds),
      statuses: Uint8Array.from(statuses),
    }),
  };
}

function append<T>(into: T[], from: readonly T[]): void {
  for (const each of from) into.push(each);
}

/** From a page's numbers to the trace's; words that no column asks for stay out. */
function createCodes(pageWords: readonly string[], words: NumberedWords): (code: number) => number {
  const known = new Int32Array(pageWords.length).fill(-1);
  return (code) => {
    const found = known[code];
    if (found === undefined) return 0;
    return found >= 0 ? found : (known[code] = words.code(pageWords[code]!));
  };
}

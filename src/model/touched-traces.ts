import { GENAI_FLAG } from './genai-columns.ts';
import type { SpanColumns } from './span-columns.ts';

/**
 * Which traces got spans, packed: 40 bytes each (`TOUCHED_BYTES`). What computes from traces is told of every
 * segment, so this has to be small and quick to copy between threads.
 */
export interface TouchedTraces {
  readonly project: string;
  /** Of each trace: id (16 bytes), earliest start and latest end (doubles, ms since 1970), spans (u32), flags (u32). */
  readonly packed: Uint8Array;
}

/** One trace that got spans, as it is unpacked. */
export interface TouchedTrace {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  readonly startMinMs: number;
  readonly endMaxMs: number;
  readonly spans: number;
  /** Whether one of the spans is of a model, a tool or an agent; when not, the trace may hold such spans elsewhere. */
  readonly hasGenAi: boolean;
}

export const TOUCHED_BYTES = 40;
const TRACE_ID_BYTES = 16;
const GENAI = 1;
const RELEVANT = GENAI_FLAG.runRoot | GENAI_FLAG.modelCall | GENAI_FLAG.aggregate;
const TWO_32 = 2 ** 32;

interface Draft {
  readonly project: number;
  readonly at: number;
  startMinMs: number;
  endMaxMs: number;
  spans: number;
  flags: number;
}

/** The traces of a segment's spans, each once; equal columns give equal bytes. */
export function touchedTraces(spans: SpanColumns): TouchedTraces[] {
  const { project, traceId, genai } = spans;
  const drafts = new Map<string, Draft>();
  const toolNames = genai.toolName.dictionary;
  let lastKey = '';
  let last: Draft | undefined;
  for (let row = 0; row < spans.count; row++) {
    const at = row * TRACE_ID_BYTES;
    const projectId = project.ids.values[row]!;
    const key = `${traceId.bytes.toString('latin1', at, at + TRACE_ID_BYTES)}${projectId}`;
    if (key !== lastKey || last === undefined) {
      lastKey = key;
      last = drafts.get(key);
      if (last === undefined) {
        last = { project: projectId, at, startMinMs: Infinity, endMaxMs: 0, spans: 0, flags: 0 };
        drafts.set(key, last);
      }
    }
    const start = toMs(spans.start.bytes, row);
    last.startMinMs = Math.min(last.startMinMs, start);
    last.endMaxMs = Math.max(last.endMaxMs, start, toMs(spans.end.bytes, row));
    last.spans++;
    const tool = genai.toolName.ids.values[row]!;
    const isTool = toolNames.endOf(tool) !== toolNames.startOf(tool);
    if (isTool || (genai.flags.bytes[row]! & RELEVANT) !== 0) last.flags |= GENAI;
  }
  return pack(spans, drafts.values());
}

function pack(spans: SpanColumns, drafts: Iterable<Draft>): TouchedTraces[] {
  const byProject = new Map<number, Draft[]>();
  for (const draft of drafts) {
    const list = byProject.get(draft.project);
    if (list === undefined) byProject.set(draft.project, [draft]);
    else list.push(draft);
  }
  return [...byProject].map(([projectId, list]) => {
    const packed = new Uint8Array(list.length * TOUCHED_BYTES);
    const view = new DataView(packed.buffer);
    list.forEach((draft, index) => {
      const to = index * TOUCHED_BYTES;
      packed.set(spans.traceId.bytes.subarray(draft.at, draft.at + TRACE_ID_BYTES), to);
      view.setFloat64(to + 16, draft.startMinMs, true);
      view.setFloat64(to + 24, draft.endMaxMs, true);
      view.setUint32(to + 32, draft.spans, true);
      view.setUint32(to + 36, draft.flags, true);
    });
    return { project: spans.project.dictionary.textOf(projectId), packed };
  });
}

/** Whether one of the traces has a span of a model, a tool or an agent among those that came. */
export function touchesGenAi(touched: readonly TouchedTraces[]): boolean {
  return touched.some(({ packed }) => {
    for (let at = TOUCHED_BYTES - 4; at < packed.length; at += TOUCHED_BYTES) {
      if ((packed[at]! & GENAI) !== 0) return true;
    }
    return false;
  });
}

/** Throws a `RangeError` for bytes that are not whole records. */
export function unpackTouched(packed: Uint8Array): TouchedTrace[] {
  if (packed.length % TOUCHED_BYTES !== 0) {
    throw new RangeError(`${packed.length} bytes are not records of ${TOUCHED_BYTES}`);
  }
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  const traces: TouchedTrace[] = [];
  for (let at = 0; at < bytes.length; at += TOUCHED_BYTES) {
    traces.push({
      traceId: bytes.toString('hex', at, at + TRACE_ID_BYTES),
      startMinMs: bytes.readDoubleLE(at + 16),
      endMaxMs: bytes.readDoubleLE(at + 24),
      spans: bytes.readUInt32LE(at + 32),
      hasGenAi: (bytes.readUInt32LE(at + 36) & GENAI) !== 0,
    });
  }
  return traces;
}

/** Nanoseconds in 64 bits to milliseconds, within a microsecond. */
function toMs(bytes: Buffer, row: number): number {
  const at = row * 8;
  return (bytes.readUInt32LE(at + 4) * TWO_32 + bytes.readUInt32LE(at)) / 1e6;
}

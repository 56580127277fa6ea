import { call, read } from '../client/call.ts';
import { ApiError } from '../client/http.ts';
import { buildSpanTree } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import { collectOutline } from './outline.ts';
import { rollUp } from './roll-up.ts';
import type { TraceUsage } from './roll-up.ts';

/**
 * Reads a trace in a thread of its own, so that the page answers the keyboard while 100,000 spans are parsed and
 * sorted. Columns go over by handing over their memory.
 */

export type TraceRequest =
  | { readonly kind: 'read'; readonly traceId: string }
  | { readonly kind: 'usage'; readonly id: number };

export interface TraceFailure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export type TraceReply =
  | { readonly kind: 'tree'; readonly tree: SpanTree; readonly whole: boolean }
  | { readonly kind: 'failed'; readonly failure: TraceFailure }
  | { readonly kind: 'usage'; readonly id: number; readonly usage: TraceUsage }
  | { readonly kind: 'usage failed'; readonly id: number; readonly failure: TraceFailure };

/** Few spans come in no time; the rest in pages that the server makes without holding up others. */
const FIRST_PAGE_SPANS = 1_000;
const PAGE_SPANS = 25_000;
/** How long spans gather before the page is given them: a large trace is not drawn anew for each of its pages. */
const GATHER_MS = 500;

let traceId = '';
let tree: SpanTree | undefined;

self.addEventListener('message', ({ data }: MessageEvent<TraceRequest>) => {
  if (data.kind === 'read') void readTrace(data.traceId);
  else void readUsage(data.id);
});

async function readTrace(id: string): Promise<void> {
  traceId = id;
  const collector = collectOutline();
  let shownAtMs = -Infinity;
  try {
    for (let cursor: string | undefined; ;) {
      const limit = collector.length === 0 ? FIRST_PAGE_SPANS : PAGE_SPANS;
      const { data, meta } = await call('GET /api/v1/traces/{traceId}/outline', {
        params: { traceId: id },
        query: { limit, ...(cursor === undefined ? {} : { cursor }) },
      });
      collector.add(data);
      cursor = meta.next_cursor ?? undefined;
      if (cursor === undefined) break;
      if (performance.now() - shownAtMs < GATHER_MS) continue;
      send({ kind: 'tree', tree: buildSpanTree(collector.outline()), whole: false });
      shownAtMs = performance.now();
    }
    tree = buildSpanTree(collector.outline());
    send({ kind: 'tree', tree, whole: true });
  } catch (error) {
    send({ kind: 'failed', failure: describe(error) });
  }
}

async function readUsage(id: number): Promise<void> {
  try {
    const calls = await read('GET /api/v1/traces/{traceId}/calls', { params: { traceId } });
    const usage = rollUp(tree ?? buildSpanTree(collectOutline().outline()), calls);
    send({ kind: 'usage', id, usage });
  } catch (error) {
    send({ kind: 'usage failed', id, failure: describe(error) });
  }
}

function describe(error: unknown): TraceFailure {
  if (error instanceof ApiError) {
    return { status: error.status, code: error.code, message: error.message };
  }
  return { status: 0, code: 'INTERNAL_ERROR', message: String(error) };
}

function send(reply: TraceReply): void {
  self.postMessage(reply);
}

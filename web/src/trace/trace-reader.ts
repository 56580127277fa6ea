import { ApiError } from '../client/http.ts';
import type { SpanTree } from '../span-tree.ts';
import type { TraceUsage } from './roll-up.ts';
import type { TraceFailure, TraceReply, TraceRequest } from './trace-worker.ts';

export interface TraceReader {
  /** What the trace's calls used, summed up; the whole trace must have been read. */
  readUsage(): Promise<TraceUsage>;
  close(): void;
}

/** Reads a trace in another thread and tells what has come so far, page after page. */
export function openTrace(
  traceId: string,
  told: {
    readonly onTree: (tree: SpanTree, whole: boolean) => void;
    readonly onFailure: (error: ApiError) => void;
  },
): TraceReader {
  const worker = new Worker(new URL('./trace-worker.ts', import.meta.url), { type: 'module' });
  const asked = new Map<
    number,
    { readonly done: (usage: TraceUsage) => void; readonly fail: (error: Error) => void }
  >();
  const send = (message: TraceRequest): void => worker.postMessage(message);
  worker.addEventListener('message', ({ data }: MessageEvent<TraceReply>) => {
    if (data.kind === 'tree') told.onTree(data.tree, data.whole);
    else if (data.kind === 'failed') told.onFailure(toError(data.failure));
    else {
      const question = asked.get(data.id);
      asked.delete(data.id);
      if (data.kind === 'usage') question?.done(data.usage);
      else question?.fail(toError(data.failure));
    }
  });
  worker.addEventListener('error', (event) => {
    told.onFailure(new ApiError(0, 'INTERNAL_ERROR', `The trace cannot be read: ${event.message}`));
  });
  send({ kind: 'read', traceId });
  let questions = 0;
  return {
    readUsage: () =>
      new Promise((done, fail) => {
        const id = questions++;
        asked.set(id, { done, fail });
        send({ kind: 'usage', id });
      }),
    close: () => {
      worker.terminate();
      const closed = new ApiError(0, 'INTERNAL_ERROR', 'The page of the trace was left.');
      for (const { fail } of asked.values()) fail(closed);
      asked.clear();
    },
  };
}

function toError({ status, code, message }: TraceFailure): ApiError {
  return new ApiError(status, code, message);
}

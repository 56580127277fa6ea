import type { Broadcast } from '../base/broadcast.ts';
import { AppError } from '../errors.ts';
import type { Change, ChangeTopic } from '../model/change.ts';
import type { Api } from './api-deps.ts';
import { openEventStream, type EventStream } from './event-stream.ts';
import { principalOf } from './route-access.ts';

/** Streams at once; more are refused. */
const STREAMS_MAX = 200;
/** Changes of one topic within this time are told once. */
const GATHER_MS = 500;
/** Waiting for one reader. */
const WAITING_BYTES_MAX = 64 * 1024;
/** A comment that keeps proxies from closing a silent stream, and shows when the other end is gone. */
const PULSE_MS = 20_000;

export interface LiveDeps {
  readonly changes: Broadcast<Change>;
}

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): an event `change` whose data
 * is a topic says that something of it is new. Whoever is told asks the usual routes, with the usual rights.
 */
export function liveRoutes(api: Api, deps: LiveDeps): void {
  const streams = new Set<EventStream>();
  api.addHook('onResponse', async (request, reply) => {
    const topic = reply.statusCode < 300 ? topicOf(request.method, request.url) : undefined;
    if (topic === undefined || request.principal === null) return;
    deps.changes.publish({ project: request.principal.project, topic });
  });
  // Streams have no end of their own and would keep the server from closing.
  api.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });
  api.route({
    method: 'GET',
    url: '/api/v1/live',
    config: { access: 'signed-in' },
    schema: {
      tags: ['telemetry'],
      summary: 'Tells what changed, as server-sent events.',
      description: 'Events `change` with a topic as data: traces, agents, runs, costs and so on.',
    },
    handler: async (request, reply) => {
      const { project } = principalOf(request);
      if (streams.size >= STREAMS_MAX) {
        throw new AppError('OVERLOADED', `${STREAMS_MAX} live streams are open already`);
      }
      const stream = openEventStream(
        reply,
        () => {
          streams.delete(stream);
          end();
        },
        WAITING_BYTES_MAX,
      );
      streams.add(stream);
      stream.write('retry: 3000\n\n');
      const end = streamTo(deps.changes, project, (text) => stream.write(text));
    },
  });
}

/** What a request that changes something changes, by the beginning of its path. */
const CHANGED_BY: readonly (readonly [string, ChangeTopic])[] = [
  ['/api/v1/agents', 'agents'],
  ['/api/v1/approvals', 'approvals'],
  ['/api/v1/grants', 'approvals'],
  ['/api/v1/anomalies', 'anomalies'],
  ['/api/v1/costs', 'costs'],
  ['/api/v1/prices', 'costs'],
  ['/api/v1/budgets', 'costs'],
  ['/api/v1/quality', 'quality'],
  ['/api/v1/jobs', 'quality'],
];

function topicOf(method: string, url: string): ChangeTopic | undefined {
  if (method === 'GET' || method === 'HEAD') return undefined;
  return CHANGED_BY.find(([prefix]) => url.startsWith(prefix))?.[1];
}

function streamTo(
  changes: Broadcast<Change>,
  project: string,
  write: (text: string) => void,
): () => void {
  const waiting = new Set<ChangeTopic>();
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    timer = undefined;
    for (const topic of waiting) write(`event: change\ndata: ${topic}\n\n`);
    waiting.clear();
  };
  const stop = changes.listen((change) => {
    if (change.project !== project) return;
    waiting.add(change.topic);
    timer ??= setTimeout(flush, GATHER_MS);
  });
  const pulse = setInterval(() => write(': still here\n\n'), PULSE_MS);
  return () => {
    stop();
    clearInterval(pulse);
    clearTimeout(timer);
  };
}

import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import type { Template } from '../workload/patch-ids.ts';
import { stampIds } from '../workload/patch-ids.ts';

export interface LoadResult {
  readonly spans: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly refused: number;
  /** Acknowledgement times, sorted; milliseconds. */
  readonly latenciesMs: readonly number[];
}

export interface LoadOptions {
  readonly url: string;
  readonly key: string;
  readonly templates: readonly Template[];
  readonly seconds: number;
  readonly connections: number;
  readonly gzip: boolean;
  /** Requests in all; unlimited when absent. */
  readonly requestsMax?: number;
}

let stamp = 1;

/** Sends requests over some connections, one at a time on each, for a while. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const latenciesMs: number[] = [];
  let spans = 0;
  let bytes = 0;
  let refused = 0;
  let sent = 0;
  const started = performance.now();
  const ends = started + options.seconds * 1000;
  const connection = async (): Promise<void> => {
    while (performance.now() < ends && sent < (options.requestsMax ?? Infinity)) {
      const template = options.templates[sent++ % options.templates.length]!;
      const plain = stampIds(template, stamp++);
      const body = options.gzip ? gzipSync(plain, { level: 1 }) : plain;
      const at = performance.now();
      const status = await send(agent, options, body);
      if (status === 200) {
        latenciesMs.push(performance.now() - at);
        spans += template.spans;
        bytes += plain.length;
      } else {
        refused++;
        await delay(200);
      }
    }
  };
  await Promise.all(Array.from({ length: options.connections }, connection));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return { spans, bytes, seconds, refused, latenciesMs: latenciesMs.sort((a, b) => a - b) };
}

function send(agent: Agent, options: LoadOptions, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string | number> = {
      'content-type': 'application/x-protobuf',
      'content-length': body.length,
      authorization: `Bearer ${options.key}`,
    };
    if (options.gzip) headers['content-encoding'] = 'gzip';
    const outgoing = request(
      `${options.url}/v1/traces`,
      { method: 'POST', agent, headers },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
        answer.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

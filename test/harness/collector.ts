import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface CollectedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  // What was sent, as it was sent: tests compare it whole.
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads any field of any request
  readonly json: any;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** A receiver on a real port that keeps what it is sent and answers as the test says. */
export interface Collector {
  readonly url: string;
  readonly requests: CollectedRequest[];
  /** Answers for the next requests, one each; afterwards 200 with `{}`. 'hang' answers nothing. */
  readonly answers: (Answer | 'hang')[];
  close(): Promise<void>;
}

export async function startCollector(port = 0): Promise<Collector> {
  const requests: CollectedRequest[] = [];
  const answers: (Answer | 'hang')[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const sent = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      const isJson = request.headers['content-type'] === 'application/json';
      requests.push({
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers as Record<string, string>,
        body,
        json: isJson ? JSON.parse(body.toString('utf8')) : undefined,
      });
      const answer = answers.shift() ?? { status: 200, body: '{}' };
      if (answer === 'hang') return;
      response.writeHead(answer.status, answer.headers ?? {});
      response.end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answers,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export const json = (answer: Answer): unknown => JSON.parse(answer.body.toString('utf8'));

/** One request on a connection of its own; headers are sent as they are given. */
export async function call(
  url: string,
  options: {
    method?: string;
    headers?: Record<string, string | number>;
    body?: Buffer | string;
  } = {},
): Promise<Answer> {
  const { method = 'POST', headers = {}, body } = options;
  return await new Promise((resolve, reject) => {
    const sending = httpRequest(url, { method, headers, agent: false });
    sending.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode, headers: answered } = response;
        const all = Buffer.concat(chunks);
        resolve({
          status: statusCode!,
          headers: answered,
          body: all,
        });
      });
    });
    sending.end(body);
  });
}

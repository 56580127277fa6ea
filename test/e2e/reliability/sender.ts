import { setTimeout as sleep } from 'node:timers/promises';

import type { NumberedRequest } from './numbered-request.ts';

const RETRY_MS = 20;

/** What became of all requests of a test. */
export interface Ledger {
  readonly sent: Set<string>;
  readonly acknowledged: Set<string>;
  /** Answers by status; 0 for a broken connection. */
  readonly statuses: Map<number, number>;
}

export function createLedger(): Ledger {
  return { sent: new Set(), acknowledged: new Set(), statuses: new Map() };
}

/** The status of the answer; 0 when the connection broke before there was one. */
export async function send(url: string, request: NumberedRequest, ledger: Ledger): Promise<number> {
  for (const id of request.ids) ledger.sent.add(id);
  const status = await fetch(`${url}/v1/${request.signal}`, {
    method: 'POST',
    headers: request.headers,
    body: request.body as Uint8Array<ArrayBuffer>,
  }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.status;
    },
    () => 0,
  );
  ledger.statuses.set(status, (ledger.statuses.get(status) ?? 0) + 1);
  if (status === 200) for (const id of request.ids) ledger.acknowledged.add(id);
  return status;
}

/** Sends one request after the other, each again and again until it is acknowledged. */
export async function sendUntil(
  url: string,
  ledger: Ledger,
  isOver: () => boolean,
  requestAt: (index: number) => NumberedRequest,
): Promise<void> {
  for (let index = 0; !isOver(); index++) {
    const request = requestAt(index);
    for (;;) {
      const status = await send(url, request, ledger);
      if (status === 200) break;
      if (status >= 400 && status !== 429 && status !== 503) {
        throw new Error(`request ${request.ids[0]} was answered with ${status}`);
      }
      await sleep(RETRY_MS);
    }
  }
}

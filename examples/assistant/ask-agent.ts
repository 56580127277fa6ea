import { randomUUID } from 'node:crypto';

import { connectToNats } from './nats-connection.ts';
import { required } from './environment.ts';
import { answerOf, taskRequest } from './task.ts';
import type { TaskResponse } from './task.ts';

const PATIENCE_MS = 60_000;

/**
 * Gives an agent a task and answers its text. The address decides how: `http://…`, or `nats://HOST:PORT/SUBJECT`.
 * Throws when the agent fails or does not answer in time.
 */
export async function askAgent(name: string, text: string, sessionId: string): Promise<string> {
  const address = required(`AGENT_${name.toUpperCase().replaceAll('-', '_')}_URL`);
  const body = JSON.stringify(taskRequest(randomUUID(), sessionId, text));
  const answer = address.startsWith('http')
    ? await askOverHttp(address, body)
    : await askThroughNats(new URL(address), body);
  return answerOf(answer);
}

async function askOverHttp(address: string, body: string): Promise<TaskResponse> {
  const response = await fetch(`${address}/a2a`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return (await response.json()) as TaskResponse;
}

async function askThroughNats(address: URL, body: string): Promise<TaskResponse> {
  const nats = await connectToNats(`nats://${address.host}`);
  const message = await nats.request(address.pathname.slice(1), body, { timeout: PATIENCE_MS });
  return message.json<TaskResponse>();
}

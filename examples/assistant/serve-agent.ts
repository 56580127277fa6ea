import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';

import { withNatsMessage } from '@signalbox/sdk/nats';

import { messageOf, required } from './environment.ts';
import { EventQueue } from './event-queue.ts';
import type { TaskEvent } from './event-queue.ts';
import { connectToNats } from './nats-connection.ts';
import { textOf } from './task.ts';
import type { TaskRequest, TaskResponse } from './task.ts';

/** Does a task and answers its text. */
export type Work = (task: { readonly text: string; readonly sessionId: string }) => Promise<string>;

const BODY_LENGTH_MAX = 1_048_576;
/** Of JSON-RPC. */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const INTERNAL_ERROR = -32_603;

/** Serves an agent the way its platform declares: through NATS when it has a subject, over HTTP otherwise. */
export async function serveAgent(work: Work): Promise<void> {
  const subject = process.env['AGENT_SUBJECT'];
  if (subject === undefined) serveOverHttp(work);
  else await serveThroughNats(work, subject);
}

function serveOverHttp(work: Work): void {
  const server = createServer((request, response) => {
    if (request.url === '/health') {
      response.end('ok');
      return;
    }
    readBody(request)
      .then((body) => perform(work, body))
      .then(
        (answer) => {
          response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
        },
        () => {
          response.writeHead(413).end();
        },
      );
  });
  server.listen(Number(required('PORT')), required('HOST'));
}

async function serveThroughNats(work: Work, subject: string): Promise<void> {
  const nats = await connectToNats(required('NATS_URL'));
  // Of several processes of this agent, one takes each task.
  for await (const message of nats.subscribe(subject, { queue: required('AGENT_NAME') })) {
    void withNatsMessage(message, async () => {
      message.respond(JSON.stringify(await perform(work, message.string())));
    });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > BODY_LENGTH_MAX) throw new Error('the body is too large');
  }
  return text;
}

/** Works in the background and collects what it tells; what goes wrong is the answer, too. */
async function perform(work: Work, body: string): Promise<TaskResponse> {
  const request = readTask(body);
  if ('error' in request) return request;
  const { id, params } = request;
  try {
    const queue = new EventQueue();
    const task = { text: textOf(params.message.parts), sessionId: params.sessionId };
    queue.publish({ state: 'working', text: '' });
    void work(task)
      .then(
        (text) => queue.publish({ state: 'completed', text }),
        (error: unknown) => queue.publish({ state: 'failed', text: messageOf(error) }),
      )
      .finally(() => queue.shutDown());
    let last: TaskEvent | undefined;
    for await (const event of queue.events()) last = event;
    if (last?.state !== 'completed') throw new Error(last?.text ?? 'the task ended without a word');
    const artifacts = [{ parts: [{ type: 'text', text: last.text }] }] as const;
    return {
      jsonrpc: '2.0',
      id,
      result: { id: params.id, status: { state: 'completed' }, artifacts },
    };
  } catch (error) {
    return refusal(INTERNAL_ERROR, messageOf(error), id);
  }
}

function readTask(
  body: string,
): TaskRequest | (TaskResponse & Required<Pick<TaskResponse, 'error'>>) {
  try {
    const request = JSON.parse(body) as TaskRequest | null;
    return Array.isArray(request?.params?.message?.parts)
      ? request
      : refusal(INVALID_REQUEST, 'the request holds no params.message.parts');
  } catch (error) {
    return refusal(PARSE_ERROR, messageOf(error));
  }
}

function refusal(code: number, message: string, id: string | null = null) {
  return { jsonrpc: '2.0', id, error: { code, message } } as const;
}

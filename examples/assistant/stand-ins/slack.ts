/**
 * Stands in for Slack: the few methods of its Web API that the channel calls, and Socket Mode, with which Slack tells
 * an app of events. `POST /mentions` with `{"text"}` is somebody who mentions the app; `GET /messages` tells what
 * was posted.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { WebSocket } from 'ws';
import { WebSocketServer } from 'ws';

interface Posted {
  readonly channel: string;
  readonly thread_ts: string | null;
  readonly text: string;
}

const [TEAM, CHANNEL, BOT, PERSON] = ['T0SIGNAL', 'C0TRAVEL', 'U0ASSIST', 'U0ADA'];
const QUESTION =
  'Which is best for a weekend away, Lisbon, Porto or Madrid? We leave on Friday, spend Saturday there and return on Sunday.';
const MESSAGES_MAX = 1_000;
const BODY_LENGTH_MAX = 1_000_000;

const sockets = new Set<WebSocket>();
const messages: Posted[] = [];
let count = 0;

/** Slack's time stamps name a message in its channel. */
const newTs = (): string => `${Math.floor(Date.now() / 1_000)}.${String(++count).padStart(6, '0')}`;

function mention(text: string): string {
  const ts = newTs();
  const event = {
    type: 'app_mention',
    user: PERSON,
    text: `<@${BOT}> ${text}`,
    ts,
    channel: CHANNEL,
    event_ts: ts,
  };
  const envelope = {
    type: 'events_api',
    envelope_id: `envelope-${ts}`,
    accepts_response_payload: false,
    payload: {
      type: 'event_callback',
      team_id: TEAM,
      api_app_id: 'A0ASSIST',
      event_id: `Ev${count}`,
      event_time: Math.floor(Number(ts)),
      event,
      authorizations: [{ team_id: TEAM, user_id: BOT, is_bot: true }],
    },
  };
  // Slack hands each event to one of the app's connections.
  const [socket] = sockets;
  socket?.send(JSON.stringify(envelope));
  console.log(`ada: @assistant ${text}`);
  return ts;
}

/** Answers of the Web API by method. */
const METHODS: Readonly<Record<string, (fields: URLSearchParams, host: string) => object>> = {
  'auth.test': () => ({ user_id: BOT, bot_id: 'B0ASSIST', team_id: TEAM, user: 'assistant' }),
  'apps.connections.open': (_, host) => ({ url: `ws://${host}/socket` }),
  'reactions.add': () => ({}),
  'chat.postMessage': (fields) => {
    const [channel, text] = [fields.get('channel') ?? '', fields.get('text') ?? ''];
    messages.push({ channel, text, thread_ts: fields.get('thread_ts') });
    if (messages.length > MESSAGES_MAX) messages.shift();
    console.log(`assistant: ${text}`);
    return { channel, ts: newTs() };
  },
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/';
  if (path === '/health') return void response.end('ok');
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += String(chunk);
    if (body.length > BODY_LENGTH_MAX) return void request.destroy();
  }
  response.setHeader('content-type', 'application/json');
  if (path === '/messages') return void response.end(JSON.stringify(messages));
  if (path === '/mentions') {
    const { text } = JSON.parse(body) as { readonly text?: string };
    return void response.end(JSON.stringify({ ts: mention(text ?? QUESTION) }));
  }
  const method = METHODS[path.replace(/^\/api\//, '').replace(/\?.*$/, '')];
  const result =
    method === undefined
      ? { ok: false, error: 'unknown_method' }
      : { ok: true, ...method(new URLSearchParams(body), request.headers.host ?? '') };
  response.end(JSON.stringify(result));
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    response.writeHead(400).end(JSON.stringify({ ok: false, error: String(error) }));
  });
});

new WebSocketServer({ server, path: '/socket' }).on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => socket.terminate());
  socket.send(
    JSON.stringify({
      type: 'hello',
      num_connections: sockets.size,
      connection_info: { app_id: 'A0ASSIST' },
      debug_info: { host: 'stand-in', approximate_connection_time: 3_600 },
    }),
  );
  // A newcomer sees a first trace without doing anything.
  if (process.env['FIRST_MENTION'] === 'yes' && count === 0) mention(QUESTION);
});

server.listen(Number(process.env['PORT']), process.env['HOST']);

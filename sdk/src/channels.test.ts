import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { App, type Receiver, type ReceiverEvent } from '@slack/bolt';
import { Client, Events, GatewayIntentBits, Partials, type Message } from 'discord.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';

import { withAgent } from './agent.ts';
import { withChannelMessage } from './channel-message.ts';
import { instrumentDiscord } from './discord.ts';
import { shared } from './shared-state.ts';
import { instrumentSlack } from './slack.ts';
import { recordTelemetry, type Recorded } from './testing/record-telemetry.ts';

let recorded: Recorded;
beforeEach(() => {
  recorded = recordTelemetry();
});
afterEach(async () => {
  await recorded.stop();
  expect(shared.openSpans.size).toBe(0);
});

/** Bolt with a receiver that is fed by hand: what it does with an event is Bolt's own. */
function openSlack(): { app: App; receive: (body: object) => Promise<void> } {
  let deliver: (event: ReceiverEvent) => Promise<void>;
  const receiver: Receiver = {
    init: (app) => {
      deliver = (event) => app.processEvent(event);
    },
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  const authorize = () =>
    Promise.resolve({ botToken: 'xoxb', botId: 'B1', botUserId: 'U0', teamId: 'T1' });
  const app = instrumentSlack(new App({ receiver, authorize }));
  const ack = (): Promise<void> => Promise.resolve();
  return { app, receive: (body) => deliver({ body: { team_id: 'T1', ...body }, ack }) };
}

const mention = (fields: object = {}): object => ({
  type: 'event_callback',
  event_id: 'Ev1',
  event: { type: 'app_mention', channel: 'C1', user: 'U7', ts: '1.5', text: '<@U0> hi', ...fields },
});

test('a mention in Slack is the root of the trace of what its listeners do', async () => {
  const { app, receive } = openSlack();
  app.event('app_mention', () => withAgent({ name: 'coordinator' }, () => Promise.resolve()));
  await receive(mention({ thread_ts: '1.1' }));
  const identity = { 'gen_ai.conversation.id': 'slack:T1:C1:1.1', 'user.id': 'U7' };
  expect(recorded.spans()).toEqual([
    {
      name: 'invoke_agent coordinator',
      kind: SpanKind.INTERNAL,
      parent: recorded.idOf('slack.app_mention'),
      status: { code: SpanStatusCode.UNSET },
      events: [],
      attributes: {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.name': 'coordinator',
        ...identity,
      },
    },
    {
      name: 'slack.app_mention',
      kind: SpanKind.CONSUMER,
      parent: undefined,
      status: { code: SpanStatusCode.UNSET },
      events: [],
      attributes: {
        'messaging.system': 'slack',
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'C1',
        'messaging.message.id': 'Ev1',
        'slack.team.id': 'T1',
        ...identity,
      },
    },
  ]);
});

test('a message, a command and a button have roots of their own', async () => {
  const { receive } = openSlack();
  await receive({ ...mention(), event: { type: 'message', channel: 'D1', user: 'U7', ts: '2' } });
  await receive({ command: '/ask', channel_id: 'C1', user_id: 'U7', text: 'hi' });
  const user = { id: 'U7' };
  await receive({ type: 'block_actions', actions: [{}], user, channel: { id: 'C1' } });
  expect(recorded.spans().map(({ name, parent }) => [name, parent])).toEqual([
    ['slack.message', undefined],
    ['slack.command', undefined],
    ['slack.block_actions', undefined],
  ]);
});

test('a listener that fails marks the root, and Bolt hears of it', async () => {
  const { app, receive } = openSlack();
  const heard: unknown[] = [];
  app.error((error) => {
    heard.push(error.message);
    return Promise.resolve();
  });
  app.event('app_mention', () => Promise.reject(new TypeError('no such tool')));
  await receive(mention());
  expect(heard).toEqual(['no such tool']);
  expect(recorded.spans()[0]!.status).toEqual({
    code: SpanStatusCode.ERROR,
    message: 'no such tool',
  });
});

test('an event is its own trace although a span is active where the socket was opened', async () => {
  const { receive } = openSlack();
  await withAgent({ name: 'start' }, () => receive(mention()));
  expect(recorded.spans().map(({ name, parent }) => [name, parent])).toEqual([
    ['slack.app_mention', undefined],
    ['invoke_agent start', undefined],
  ]);
});

test('an event that came by HTTP belongs to the trace of the request', () => {
  const server = trace.getTracer('http').startSpan('POST', { kind: SpanKind.SERVER });
  context.with(trace.setSpan(context.active(), server), () =>
    withChannelMessage({ channel: 'chat', event: 'message', userId: 'u' }, () => 'ok'),
  );
  expect(recorded.spans()).toMatchObject([
    { name: 'chat.message', parent: server.spanContext().spanId, attributes: { 'user.id': 'u' } },
  ]);
  server.end();
});

/** A stand-in for Discord: its REST address names a gateway, which greets and then tells of one direct message. */
async function startDiscord(): Promise<{ api: string; close: () => Promise<void> }> {
  const http = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    const limit = { total: 1, remaining: 1, reset_after: 0, max_concurrency: 1 };
    response.end(JSON.stringify({ url: gateway(), shards: 1, session_start_limit: limit }));
  });
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket) => {
    const send = (fields: object): void => socket.send(JSON.stringify(fields));
    send({ op: 10, d: { heartbeat_interval: 60_000 } });
    socket.on('message', (data: Buffer) => {
      if ((JSON.parse(data.toString()) as { op: number }).op !== 2) return;
      const user = { id: '1', username: 'bot', discriminator: '0', avatar: null, bot: true };
      const application = { id: '1', flags: 0 };
      const ready = { v: 10, user, guilds: [], session_id: 's', resume_gateway_url: gateway() };
      send({ op: 0, s: 1, t: 'READY', d: { ...ready, application } });
      const author = { id: '7', username: 'ada', discriminator: '0', avatar: null };
      const message = { id: '99', channel_id: '55', channel_type: 1, author, content: 'hi' };
      const rest = {
        attachments: [],
        embeds: [],
        mentions: [],
        mention_roles: [],
        components: [],
        type: 0,
      };
      const timestamp = '2026-01-01T00:00:00.000Z';
      send({ op: 0, s: 2, t: 'MESSAGE_CREATE', d: { ...message, ...rest, timestamp } });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const gateway = (): string => `ws://127.0.0.1:${port}`;
  return {
    api: `http://127.0.0.1:${port}/api`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

test('a listener in Discord that fails is an error of the client, as it is without telemetry', async () => {
  const client = new Client({ intents: [] });
  const errors = new Promise((resolve) => client.once(Events.Error, resolve));
  client.on(Events.MessageCreate, () => Promise.reject(new Error('no answer')) as never);
  instrumentDiscord(client).emit(Events.MessageCreate, { id: '1', content: 'hi' } as never);
  expect(await errors).toEqual(new Error('no answer'));
  await recorded.ended(1);
  expect(recorded.spans()).toMatchObject([
    { name: 'discord.message', status: { code: SpanStatusCode.ERROR, message: 'no answer' } },
  ]);
});

test('a message in Discord is the root of the trace, until its listeners are done', async () => {
  const discord = await startDiscord();
  const client = instrumentDiscord(
    new Client({
      intents: [GatewayIntentBits.DirectMessages],
      partials: [Partials.Channel],
      rest: { api: discord.api },
    }),
  );
  const seen: string[] = [];
  const greet = async (message: Message): Promise<void> => {
    seen.push(message.content);
    await withAgent({ name: 'greeter' }, () => new Promise((resolve) => setImmediate(resolve)));
  };
  client.on(Events.MessageCreate, (message) => greet(message) as unknown as void);
  client.once(Events.MessageCreate, () => seen.push('once'));
  await client.login('token');
  await recorded.ended(2);
  expect(seen).toEqual(['hi', 'once']);
  expect(recorded.spans()).toMatchObject([
    { name: 'invoke_agent greeter', parent: recorded.idOf('discord.message') },
    {
      name: 'discord.message',
      parent: undefined,
      attributes: {
        'messaging.system': 'discord',
        'messaging.destination.name': '55',
        'messaging.message.id': '99',
        'gen_ai.conversation.id': 'discord:direct:55',
        'user.id': '7',
      },
    },
  ]);
  await client.destroy();
  await discord.close();
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { connect, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { withAgent } from './agent.ts';
import { identityOf } from './context-identity.ts';
import { carrierOf } from './message-context.ts';
import { instrumentNats, withNatsMessage } from './nats.ts';
import { shared } from './shared-state.ts';
import { canRunNats, startNatsServer, type NatsServer } from './testing/nats-server.ts';
import { recordTelemetry, type Recorded } from './testing/record-telemetry.ts';

describe.skipIf(!canRunNats())('over a NATS server', () => {
  let server: NatsServer;
  let caller: NatsConnection;
  let agent: NatsConnection;
  let recorded: Recorded;
  beforeAll(async () => {
    server = await startNatsServer();
    const options = { servers: server.url, reconnectTimeWait: 10, maxReconnectAttempts: -1 };
    caller = instrumentNats(await connect(options), { createHeaders: headers });
    agent = instrumentNats(await connect(options));
  });
  afterAll(async () => {
    await caller.close();
    await agent.close();
    await server.stop();
  });
  beforeEach(() => {
    recorded = recordTelemetry();
  });
  afterEach(async () => {
    await recorded.stop();
    expect(shared.openSpans.size).toBe(0);
  });

  const SUBJECT = 'signalbox.default.agents.weather.tasks';
  const TASK = { jsonrpc: '2.0', id: '1', method: 'tasks/send', params: { id: 't', metadata: {} } };

  interface Sent {
    readonly params: {
      readonly id: string;
      readonly metadata: object;
      readonly _meta: {
        readonly traceparent: string;
        readonly headers: { readonly traceparent: string };
      };
    };
  }

  test('a payload keeps its numbers as they were written, and its form when it is full', async () => {
    const received: string[] = [];
    const subscription = agent.subscribe('as.it.was', {
      callback(_, message) {
        received.push(message.string());
        message.respond('{}');
      },
    });
    await agent.flush();
    const full = `{"jsonrpc":"2.0","params":{"text":"${'x'.repeat(1_048_500)}"}}`;
    const ids = [
      '9007199254740993',
      '12345678901234567890',
      '1e400',
      '-0.12345678901234567890',
      '3',
      '0.30000000000000004',
      '"9007199254740993"',
      '"signalbox-number-0 \\" 9007199254740993"',
    ];
    await withAgent({ name: 'coordinator' }, async () => {
      for (const payload of [
        full,
        ...ids.map((id) => `{"jsonrpc":"2.0","id":${id},"method":"m","params":{}}`),
      ]) {
        await caller.request('as.it.was', payload);
      }
    });
    subscription.unsubscribe();
    expect(received[0]).toBe(full);
    const shape =
      /^{"jsonrpc":"2.0","id":(.*),"method":"m","params":{"_meta":{"traceparent":"00-.*}}}}$/;
    expect(received.slice(1).map((text) => shape.exec(text)?.[1])).toEqual(ids);
  });

  test('a request over NATS is one trace, and its envelope carries the context twice', async () => {
    const received: Sent[] = [];
    const identities: unknown[] = [];
    const subscription = agent.subscribe(SUBJECT, {
      callback(_, message) {
        received.push(message.json<Sent>());
        identities.push(identityOf(context.active()));
        message.respond('{}');
      },
    });
    await agent.flush();
    await withAgent({ name: 'coordinator', conversationId: 'c-1', userId: 'u-1' }, () =>
      caller.request(SUBJECT, JSON.stringify(TASK)),
    );
    subscription.unsubscribe();
    const spans = recorded.spans();
    expect(spans.map(({ name, kind, parent }) => [name, kind, parent])).toEqual([
      [`process ${SUBJECT}`, SpanKind.SERVER, recorded.idOf(`send ${SUBJECT}`)],
      [`send ${SUBJECT}`, SpanKind.CLIENT, recorded.idOf('invoke_agent coordinator')],
      ['invoke_agent coordinator', SpanKind.INTERNAL, undefined],
    ]);
    const { traceId, spanId } = recorded.raw()[1]!.spanContext();
    const { _meta, ...params } = received[0]!.params;
    expect(params).toEqual(TASK.params);
    expect([_meta.traceparent, _meta.headers.traceparent]).toEqual([
      `00-${traceId}-${spanId}-01`,
      `00-${traceId}-${spanId}-01`,
    ]);
    // The server of both is on this machine, so that baggage is believed.
    expect(identities).toEqual([{ conversationId: 'c-1', userId: 'u-1' }]);
  });

  test('a message that is no envelope carries the context in its headers', async () => {
    const subscription = agent.subscribe('plain', { max: 1 });
    await agent.flush();
    await withAgent({ name: 'coordinator' }, () =>
      Promise.resolve(caller.publish('plain', 'hello')),
    );
    for await (const message of subscription) {
      expect(message.string()).toBe('hello');
      withNatsMessage(message, () => 'done');
    }
    expect(recorded.spans().map(({ name, kind, parent }) => [name, kind, parent])).toEqual([
      ['send plain', SpanKind.PRODUCER, recorded.idOf('invoke_agent coordinator')],
      ['invoke_agent coordinator', SpanKind.INTERNAL, undefined],
      ['process plain', SpanKind.CONSUMER, recorded.idOf('send plain')],
    ]);
  });

  test('the bridge from NATS to HTTP passes the trace on', async () => {
    const seen: (string | undefined)[] = [];
    const http = createServer((request, response) => {
      seen.push(request.headers['traceparent'] as string | undefined);
      response.end();
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address() as AddressInfo;
    const bridge = (message: Msg): Promise<unknown> =>
      withNatsMessage(message, async () => {
        await fetch(`http://127.0.0.1:${port}/a2a`, { headers: carrierOf() });
        message.respond('{}');
      });
    const subscription = agent.subscribe('bridge', { max: 1 });
    await agent.flush();
    const bridged = (async () => {
      for await (const message of subscription) await bridge(message);
    })();
    await caller.request('bridge', JSON.stringify(TASK));
    await bridged;
    http.close();
    const process = recorded
      .raw()
      .find(({ name }) => name === 'process bridge')!
      .spanContext();
    expect(seen).toEqual([`00-${process.traceId}-${process.spanId}-01`]);
    expect(recorded.spans().find(({ name }) => name === 'process bridge')!.parent).toBe(
      recorded.idOf('send bridge'),
    );
  });

  test('a request that nobody answers fails for the caller and on the span', async () => {
    await expect(caller.request('nobody', JSON.stringify(TASK))).rejects.toThrow();
    expect(recorded.spans()).toMatchObject([
      { name: 'send nobody', status: { code: SpanStatusCode.ERROR } },
    ]);
  });

  test('a handler that throws marks the span, and a damaged context starts a trace of its own', () => {
    const damaged = {
      ...TASK,
      params: { _meta: { traceparent: '00-zz-1', baggage: 'a=%E0%A4%A' } },
    };
    const data = new TextEncoder().encode(JSON.stringify(damaged));
    const handle = (): unknown =>
      withNatsMessage({ subject: 's', data }, () => {
        throw new RangeError('bad task');
      });
    expect(handle).toThrow('bad task');
    expect(recorded.spans()).toMatchObject([
      { name: 'process s', parent: undefined, attributes: { 'error.type': 'RangeError' } },
    ]);
  });

  test('after the server was restarted, requests carry traces again', async () => {
    agent.subscribe('again', { callback: (_, message) => void message.respond('{}') });
    await agent.flush();
    const statuses = [caller, agent].map(async (nats) => {
      for await (const { type } of nats.status()) if (type === 'reconnect') return;
    });
    await server.restart();
    await Promise.all(statuses);
    await agent.flush();
    await caller.request('again', JSON.stringify(TASK));
    expect(recorded.spans().map(({ name }) => name)).toEqual(['process again', 'send again']);
    expect(trace.getActiveSpan()).toBeUndefined();
    expect(propagation.getActiveBaggage()).toBeUndefined();
  });
});

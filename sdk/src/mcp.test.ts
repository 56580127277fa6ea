import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { withAgent, withStep, withTool } from './agent.ts';
import { instrumentMcpClient, instrumentMcpServer } from './mcp.ts';
import { shared } from './shared-state.ts';
import { recordTelemetry, type Recorded } from './testing/record-telemetry.ts';

let recorded: Recorded;
beforeEach(() => {
  recorded = recordTelemetry();
});
afterEach(async () => {
  await recorded.stop();
  expect(shared.openSpans.size).toBe(0);
});

function createWeather(): McpServer {
  const server = new McpServer({ name: 'weather', version: '1.0.0' });
  server.registerTool('forecast', { inputSchema: { city: z.string() } }, ({ city }) =>
    withStep('look', () => ({
      content: [{ type: 'text', text: `${city}: 20°` }],
      isError: city === 'Atlantis',
    })),
  );
  return instrumentMcpServer(server);
}

async function connected(): Promise<Client> {
  const [near, far] = InMemoryTransport.createLinkedPair();
  await createWeather().connect(far);
  const client = instrumentMcpClient(new Client({ name: 'agent', version: '1.0.0' }));
  await client.connect(near);
  return client;
}

/** Names of the spans with those of their parents, without the handshake. */
function tree(): unknown[] {
  const spans = recorded.raw();
  const nameOf = (id: string | undefined): string | undefined =>
    spans.find((span) => span.spanContext().spanId === id)?.name;
  return spans
    .filter(({ name }) => !/^(initialize|notifications\/)/.test(name))
    .map(({ name, kind, parentSpanContext }) => [
      name,
      SpanKind[kind],
      nameOf(parentSpanContext?.spanId),
    ]);
}

test('a call of a tool is a client span, a server span below it, and the work below that', async () => {
  const client = await connected();
  await withAgent({ name: 'guide' }, () =>
    client.callTool({ name: 'forecast', arguments: { city: 'Paris' } }),
  );
  await client.close();
  expect(tree()).toEqual([
    ['look', 'INTERNAL', 'tools/call forecast'],
    ['tools/call forecast', 'SERVER', 'tools/call forecast'],
    ['tools/call forecast', 'CLIENT', 'invoke_agent guide'],
    ['invoke_agent guide', 'INTERNAL', undefined],
  ]);
  const call = recorded
    .spans()
    .find(({ name, kind }) => kind === SpanKind.CLIENT && name.startsWith('tools'));
  expect(call!.attributes).toEqual({
    'mcp.method.name': 'tools/call',
    'jsonrpc.request.id': '1',
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'forecast',
    'gen_ai.agent.name': 'guide',
    'network.transport': 'tcp',
  });
});

test('the handshake is told of, with the version that was agreed on', async () => {
  const client = await connected();
  await client.close();
  const initialize = recorded.spans().find(({ name }) => name === 'initialize');
  expect(initialize!.attributes['mcp.protocol.version']).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  expect(recorded.spans().map(({ name }) => name)).toContain('notifications/initialized');
});

test('a tool that has a span already gets the attributes and no second span', async () => {
  const client = await connected();
  await withTool({ name: 'forecast' }, () =>
    client.callTool({ name: 'forecast', arguments: { city: 'Paris' } }),
  );
  await client.close();
  expect(tree()).toEqual([
    ['look', 'INTERNAL', 'tools/call forecast'],
    ['tools/call forecast', 'SERVER', 'execute_tool forecast'],
    ['execute_tool forecast', 'INTERNAL', undefined],
  ]);
  const tool = recorded.spans().find(({ name }) => name === 'execute_tool forecast');
  expect(tool!.attributes['mcp.method.name']).toBe('tools/call');
});

test('a tool that reports an error, and a request that is refused, are failures', async () => {
  const client = await connected();
  await client.callTool({ name: 'forecast', arguments: { city: 'Atlantis' } });
  await expect(client.getPrompt({ name: 'none' })).rejects.toThrow();
  await client.close();
  const failed = recorded
    .spans()
    .filter(({ kind, status }) => kind === SpanKind.CLIENT && status.code === SpanStatusCode.ERROR)
    .map(({ name, attributes }) => [name, attributes['error.type']]);
  expect(failed).toEqual([
    ['tools/call forecast', 'tool_error'],
    ['prompts/get none', '-32601'],
  ]);
});

test('a request without an answer is closed with the connection', async () => {
  const [near, far] = InMemoryTransport.createLinkedPair();
  await far.start();
  const asked = new Promise<void>((resolve) => {
    far.onmessage = () => resolve();
  });
  const client = instrumentMcpClient(new Client({ name: 'agent', version: '1.0.0' }));
  const connecting = client.connect(near);
  await asked;
  await near.close();
  await expect(connecting).rejects.toThrow();
  expect(recorded.spans()).toMatchObject([
    { name: 'initialize', status: { code: SpanStatusCode.ERROR } },
  ]);
});

test('a peer that uses an id twice leaves no span open', async () => {
  const [near, far] = InMemoryTransport.createLinkedPair();
  await createWeather().connect(far);
  await near.start();
  const ping = { jsonrpc: '2.0', id: 7, method: 'ping' } as const;
  await Promise.all([near.send(ping), near.send({ ...ping, id: '7' })]);
  await recorded.ended(2);
  expect(recorded.spans().map(({ name }) => name)).toEqual(['ping', 'ping']);
  await near.close();
});

test('over HTTP, too, the server span is the child of the client span', async () => {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => 'session-1' });
  await createWeather().connect(transport);
  const http = createServer((request, response) => void transport.handleRequest(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const client = instrumentMcpClient(new Client({ name: 'agent', version: '1.0.0' }));
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  await client.connect(new StreamableHTTPClientTransport(url));
  await client.callTool({ name: 'forecast', arguments: { city: 'Paris' } });
  await client.close();
  await transport.close();
  http.closeAllConnections();
  http.close();
  expect(tree()).toEqual([
    ['look', 'INTERNAL', 'tools/call forecast'],
    ['tools/call forecast', 'SERVER', 'tools/call forecast'],
    ['tools/call forecast', 'CLIENT', undefined],
  ]);
  const calls = recorded.spans().filter(({ name }) => name === 'tools/call forecast');
  expect(calls.map(({ attributes }) => attributes['mcp.session.id'])).toEqual([
    'session-1',
    'session-1',
  ]);
});

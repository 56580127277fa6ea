import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import {
  Client as ModernClient,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { eventually } from '../../test/harness/eventually.ts';
import { startTestGateway, type TestGateway } from '../../test/harness/gateway.ts';

const require = createRequire(import.meta.url);
const program = (name: string): string =>
  join(require.resolve(`${name}/package.json`), '..', 'dist', 'index.js');
const HOSTILE = join(import.meta.dirname, '../../test/harness/hostile-mcp-server.cjs');

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({
    trace_file: 'traces.jsonl',
    loop_guard: false,
    policies: [
      {
        name: 'all',
        agent: '*',
        rules: [
          { tools: ['everything.get-sum'], action: 'human_approval' },
          { tools: ['everything.get-env'], action: 'deny' },
          { tools: ['*'], action: 'allow' },
        ],
      },
    ],
    mcp_servers: [
      {
        name: 'everything',
        command: process.execPath,
        args: [program('@modelcontextprotocol/server-everything'), 'stdio'],
      },
      {
        name: 'hostile',
        command: process.execPath,
        args: [HOSTILE],
        timeout_seconds: 0.5,
        result_bytes_max: 1024 * 1024,
      },
    ],
  });
  await eventually('both servers', async () => {
    const { body } = await gateway.ask('GET', '/mcp-servers');
    return (body as { state: string }[]).every(({ state }) => state === 'ready') ? true : undefined;
  });
}, 60_000);
afterAll(() => gateway.close());

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const client of open.splice(0)) await client.close();
});

const headers = (agent: string) => ({
  requestInit: { headers: { authorization: `Bearer agent:${agent}` } },
});

/** The client that most people run. */
async function connect(agent = 'claude'): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { capabilities: {} });
  const transport = new LegacyTransport(new URL(`${gateway.url}/mcp`), headers(agent));
  await client.connect(transport);
  open.push(client);
  return client;
}

/** One that speaks the protocol without sessions. */
async function connectModern(agent = 'claude'): Promise<ModernClient> {
  const client = new ModernClient(
    { name: 'test', version: '1' },
    { versionNegotiation: { mode: 'auto' } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp`), headers(agent)),
  );
  open.push(client);
  return client;
}

const lastEntry = async (tool: string) =>
  (await gateway.ask('GET', `/traces?tool=${tool}`)).body[0];

describe('the official client with a public server behind the gateway', () => {
  test('lists tools with what their server says of them, and calls one', async () => {
    const client = await connect();
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toContain('everything.echo');
    expect(names).toContain('mesh.catalog');
    expect(names).not.toContain('approval.resolve');
    const echo = tools.find(({ name }) => name === 'everything.echo')!;
    expect(echo.inputSchema).toMatchObject({ type: 'object', required: ['message'] });
    const answer = await client.callTool({ name: 'everything.echo', arguments: { message: 'hi' } });
    expect(answer).toMatchObject({ content: [{ type: 'text', text: 'Echo: hi' }] });
    expect(await lastEntry('everything.echo')).toMatchObject({
      agent_id: 'claude',
      face: 'mcp',
      policy: 'allow',
      session_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });

  test('is told why a call is denied', async () => {
    const client = await connect();
    const answer = await client.callTool({ name: 'everything.get-env', arguments: {} });
    expect(answer).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: 'policy all#2: deny' }],
      _meta: { 'signalbox/policy': 'deny', 'signalbox/policy_rule': 'all#2' },
    });
  });

  test('waits for a decision with notices of progress, then gets the result', async () => {
    const client = await connect();
    const notices: string[] = [];
    const answer = client.callTool(
      { name: 'everything.get-sum', arguments: { a: 2, b: 3 } },
      undefined,
      {
        onprogress: ({ message }) => void notices.push(message ?? ''),
      },
    );
    const { id } = await eventually(
      'an approval',
      async () => (await gateway.ask('GET', '/approvals?status=pending')).body[0],
    );
    await eventually('a notice', () => notices[0]);
    await gateway.ask('POST', `/approvals/${id}/approve`, {}, { key: gateway.operator });
    expect(await answer).toMatchObject({ content: [{ text: 'The sum of 2 and 3 is 5.' }] });
    expect(notices[0]).toContain(`waiting for approval ${id}`);
  });

  test("hears of the tool's own progress, and can cancel a call", async () => {
    const client = await connect();
    const steps: number[] = [];
    const name = 'everything.trigger-long-running-operation';
    await client.callTool({ name, arguments: { duration: 0.3, steps: 3 } }, undefined, {
      onprogress: ({ progress }) => void steps.push(progress),
    });
    expect(steps.length).toBeGreaterThan(1);
    const cancel = new AbortController();
    const long = client.callTool({ name, arguments: { duration: 60, steps: 60 } }, undefined, {
      signal: cancel.signal,
    });
    cancel.abort();
    await expect(long).rejects.toThrow();
    await eventually('the record', async () => {
      const entry = await lastEntry(name);
      return entry?.status_code === 499 ? entry : undefined;
    });
  });

  test('reads resources and prompts through it', async () => {
    const client = await connect();
    const { resources } = await client.listResources();
    expect(resources.length).toBeGreaterThan(0);
    const read = await client.readResource({ uri: resources[0]!.uri });
    expect(read.contents).toHaveLength(1);
    const { prompts } = await client.listPrompts();
    const simple = prompts.find(({ name }) => name === 'everything.simple-prompt')!;
    expect((await client.getPrompt({ name: simple.name })).messages.length).toBeGreaterThan(0);
  });

  test('works without sessions as well, in the newer protocol', async () => {
    const client = await connectModern();
    expect(client.getProtocolEra()).toBe('modern');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('everything.echo');
    const answer = await client.callTool({
      name: 'everything.echo',
      arguments: { message: 'new' },
    });
    expect(answer.content).toEqual([{ type: 'text', text: 'Echo: new' }]);
    const denied = await client.callTool({ name: 'everything.get-env', arguments: {} });
    expect(denied.isError).toBe(true);
  });

  test("a session cannot be used under another agent's name", async () => {
    const client = await connect();
    const { sessionId } = client.transport!;
    const answer = await gateway.ask(
      'POST',
      '/mcp',
      { jsonrpc: '2.0', id: 1, method: 'tools/list' },
      {
        agent: 'other',
        headers: {
          'mcp-session-id': sessionId!,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
      },
    );
    expect(answer.status).toBe(403);
  });

  test("passes the call's own span on, as a child of the caller's", async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const client = await connect();
    const answer = await client.callTool({
      name: 'hostile.meta',
      arguments: {},
      _meta: { traceparent },
    });
    const [{ text }] = answer.content as [{ text: string }];
    const entry = await lastEntry('hostile.meta');
    expect(entry).toMatchObject({
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      parent_span_id: 'b7ad6b7169203331',
    });
    expect(JSON.parse(text)).toMatchObject({
      traceparent: `00-0af7651916cd43dd8448eb211c80319c-${entry.span_id}-01`,
    });
  });
});

describe('a server that misbehaves', () => {
  const call = (tool: string, params = {}) => gateway.tool(`hostile.${tool}`, params);
  /** Until it has been started anew, when the call before has broken it. */
  const callWell = (tool: string, params = {}) =>
    eventually(`an answer of ${tool}`, async () => {
      const answer = await call(tool, params);
      return answer.status === 200 ? answer : undefined;
    });

  test.each(['crash', 'hang', 'garbage', 'large', 'huge', 'dribble'])(
    '%s fails that call, and no other',
    async (tool) => {
      const others = gateway.tool('everything.echo', { message: 'still here' });
      const answer = await call(tool);
      expect(answer.status).toBe(502);
      expect(answer.body.error).toContain(tool === 'large' ? 'raise result_bytes_max' : 'hostile');
      expect((await others).status).toBe(200);
      // It is started again where it ended; a call brings it back at once.
      const sum = await callWell('add', { a: 1, b: 2 });
      expect(sum.body.result.content).toEqual([{ type: 'text', text: '3' }]);
    },
  );

  test('tokens that its answer reports are counted as real', async () => {
    await callWell('usage');
    expect(await lastEntry('hostile.usage')).toMatchObject({
      estimated_input_tokens: 11,
      estimated_output_tokens: 7,
      tokens_source: 'real',
    });
  });

  test('a tool whose description changes is held until somebody accepts it', async () => {
    const client = await connect();
    await callWell('swap');
    const held = await eventually('a held tool', async () => {
      const { body } = await gateway.ask('GET', '/tools/pins');
      return (body as { tool: string; held: { digest: string } | null }[]).find(
        (pin) => pin.held !== null,
      );
    });
    expect(held.tool).toBe('add');
    const refused = await call('add', { a: 1, b: 2 });
    expect(refused).toMatchObject({ status: 403, body: { policy_rule: 'tools/changed' } });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).not.toContain('hostile.add');
    const path = '/tools/pins/hostile/add/accept';
    expect((await gateway.ask('POST', path, {}, { agent: 'claude' })).status).toBe(403);
    const body = { digest: held.held!.digest };
    expect((await gateway.ask('POST', path, body, { key: gateway.operator })).status).toBe(200);
    expect((await call('add', { a: 1, b: 2 })).status).toBe(200);
  });
});

test('every face goes through the one governance path, and none can reach an upstream by itself', async () => {
  const faces = join(import.meta.dirname, 'faces');
  const { readdirSync } = await import('node:fs');
  const sources = readdirSync(faces).filter((file) => !file.endsWith('.test.ts'));
  const callers = sources.filter((file) =>
    /\.govern\(/.test(readFileSync(join(faces, file), 'utf8')),
  );
  expect(callers).toEqual(['mcp-server.ts', 'tool-routes.ts']);
  const forwarding = sources.filter((file) =>
    /upstream\w*\.call\(|\.call\(/.test(readFileSync(join(faces, file), 'utf8')),
  );
  expect(forwarding).toEqual([]);
});

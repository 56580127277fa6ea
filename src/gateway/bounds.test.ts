import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { eventually } from '../../test/harness/eventually.ts';
import { startTestGateway, type TestGateway } from '../../test/harness/gateway.ts';
import { startStatefulMcpServer } from '../../test/harness/stateful-mcp-server.ts';

const ALL = [{ name: 'all', rules: [{ tools: ['*'], action: 'allow' }] }];

let upstream: Awaited<ReturnType<typeof startStatefulMcpServer>>;
let gateway: TestGateway;

beforeAll(async () => {
  upstream = await startStatefulMcpServer(30_000_000);
  gateway = await startTestGateway({
    arrival_seconds: 0.3,
    loop_guard: false,
    policies: ALL,
    cli_tools: [{ name: 'echo', bin: 'echo' }],
    mcp_servers: [
      { name: 'state', url: upstream.url, agent_sessions_max: 2 },
      { name: 'shared', url: upstream.url, agent_sessions_max: 0 },
    ],
  });
  await eventually('both servers', async () => {
    const { body } = await gateway.ask('GET', '/mcp-servers');
    return (body as { state: string }[]).every(({ state }) => state === 'ready') || undefined;
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const count = async (server: string, agent: string): Promise<string> =>
  (await gateway.tool(`${server}.count`, {}, { agent })).body.result.content[0].text as string;

describe('a server that keeps something for who connects', () => {
  test('has a session for each agent, and no more of them than it may', async () => {
    const before = upstream.sessions();
    expect([await count('state', 'ada'), await count('state', 'ada')]).toEqual(['1', '2']);
    expect(await count('state', 'bob')).toBe('1');
    expect(await count('state', 'ada')).toBe('3');
    expect(upstream.sessions()).toBe(before + 2);
    // A third agent: the session unused for longest gives way.
    expect(await count('state', 'eve')).toBe('1');
    expect(await count('state', 'ada')).toBe('4');
    expect(await count('state', 'bob')).toBe('1');
  });

  test('is shared by all where the file says so', async () => {
    expect([await count('shared', 'ada'), await count('shared', 'bob')]).toEqual(['1', '2']);
  });
});

test('an answer that is too large fails its call at once, and says what to do', async () => {
  const others = count('state', 'ada');
  const answer = await gateway.tool('state.huge', {}, { agent: 'ada' });
  expect(answer.status).toBe(502);
  expect(answer.body.error).toBe(
    "the MCP server state failed: its answer is larger than 10485760 bytes; raise result_bytes_max of this server in the gateway's file, or ask the tool for less",
  );
  expect(Number(await others)).toBeGreaterThan(0);
});

test('a message over MCP nested deeper than anybody looks is refused, and its call recorded', async () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo.deep","arguments":{"args":${deep}}}}`;
  const answer = await gateway.ask('POST', '/mcp', body, { agent: 'claude' });
  expect({ status: answer.status, error: answer.body.error as string }).toEqual({
    status: 400,
    error: 'the message is nested more than 72 deep; pass deep content as text',
  });
  expect((await gateway.ask('GET', '/traces?tool=echo.deep')).body).toMatchObject([
    { status_code: 400, agent_id: 'claude', face: 'mcp', params: {} },
  ]);
});

test('a long argument is kept by its beginning, without its secrets', async () => {
  const secret = `sk-ant-api03-${'a1B2c3D4'.repeat(6)}`;
  const text = `${secret} ${'word '.repeat(1_800_000)}`;
  const answer = await gateway.tool('echo.long', { args: [], text });
  expect(answer.status).toBe(400);
  const [call] = (await gateway.ask('GET', '/traces?tool=echo.long')).body as {
    params: { _cut: string; _characters: number };
  }[];
  expect(call!.params._cut).toContain('[REDACTED:anthropic_key] word word');
  expect(call!.params._cut).toHaveLength(4_096);
  expect(call!.params._characters).toBeGreaterThan(9_000_000);
});

test.each([
  ['headers', 'POST /tool/echo.hi HTTP/1.1\r\nhost: x\r\n'],
  ['a body', 'POST /tool/echo.hi HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{'],
])('a caller that never ends its %s is cut off, and others are served', async (_, begun) => {
  const { port } = new URL(gateway.url);
  const socket = connect(Number(port), '127.0.0.1');
  const ended = new Promise<string>((resolve) => {
    let said = '';
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said));
  });
  socket.write(begun);
  expect((await gateway.tool('echo.hi')).status).toBe(200);
  expect(await ended).toContain('408');
});

test('more connections than there may be are refused, until one is free', async () => {
  const own = await startTestGateway({ connections_max: 2 });
  const { port } = new URL(own.url);
  const sockets: Socket[] = [];
  /** The first line of the answer to a request; '' for a connection that was closed without one. */
  const ask = (): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(Number(port), '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => resolve(''));
      socket.once('data', (chunk: Buffer) => resolve(chunk.toString().split('\r\n')[0]!));
      socket.write('GET /health HTTP/1.1\r\nhost: x\r\n\r\n');
    });
  try {
    // Both stay open, as those of calls that wait do.
    expect([await ask(), await ask()]).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
    expect(await ask()).toBe('');
    sockets[0]!.destroy();
    const line = await eventually('a free connection', async () => (await ask()) || undefined);
    expect(line).toBe('HTTP/1.1 200 OK');
  } finally {
    for (const socket of sockets) socket.destroy();
    await own.close();
  }
});

test('policies of a folder join the others, and a wrong one leaves the old in force and says so', async () => {
  const folder = join(gateway.directory, 'policies');
  mkdirSync(folder);
  const rule = (action: string) =>
    `name: shop\nagent: shop\nrules: [{tools: ["echo.*"], action: ${action}}]\n`;
  writeFileSync(join(folder, 'shop.yaml'), rule('deny'));
  const own = await startTestGateway({
    policy_dir: folder,
    loop_guard: false,
    policies: ALL,
    cli_tools: [{ name: 'echo', bin: 'echo' }],
  });
  try {
    const asShop = async () => (await own.tool('echo.hi', {}, { agent: 'shop' })).status;
    expect([await asShop(), (await own.tool('echo.hi')).status]).toEqual([403, 200]);
    expect(own.gateway.policies.origin().fileOf.get('shop')).toBe(join(folder, 'shop.yaml'));
    writeFileSync(join(folder, 'shop.yaml'), rule('perhaps'));
    const problem = await eventually(
      'a problem',
      () => own.gateway.policies.problem() || undefined,
    );
    expect(problem).toContain('shop.yaml is not valid');
    expect(await asShop()).toBe(403);
    writeFileSync(join(folder, 'shop.yaml'), rule('allow'));
    await eventually('the new policy', async () => ((await asShop()) === 200 ? true : undefined));
    expect(own.gateway.policies.problem()).toBe('');
  } finally {
    await own.close();
  }
});

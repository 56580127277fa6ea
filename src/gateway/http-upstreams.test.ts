import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { eventually } from '../../test/harness/eventually.ts';
import { startTestGateway, type TestGateway } from '../../test/harness/gateway.ts';
import { freePort } from '../../test/harness/server.ts';

const require = createRequire(import.meta.url);
const EVERYTHING = join(
  require.resolve('@modelcontextprotocol/server-everything/package.json'),
  '..',
  'dist',
  'index.js',
);

const servers: ChildProcess[] = [];
let gateway: TestGateway;

/** The public server over one of its HTTP transports; its port. */
async function startEverything(transport: 'streamableHttp' | 'sse'): Promise<number> {
  const port = await freePort();
  const env = { PATH: process.env['PATH'], PORT: String(port) };
  servers.push(spawn(process.execPath, [EVERYTHING, transport], { env, stdio: 'ignore' }));
  return port;
}

beforeAll(async () => {
  const [http, sse] = [await startEverything('streamableHttp'), await startEverything('sse')];
  gateway = await startTestGateway({
    policies: [{ name: 'all', rules: [{ tools: ['*'], action: 'allow' }] }],
    mcp_servers: [
      { name: 'http', url: `http://127.0.0.1:${http}/mcp` },
      { name: 'sse', transport: 'sse', url: `http://127.0.0.1:${sse}/sse` },
    ],
  });
  await eventually(
    'both servers',
    async () => {
      const { body } = await gateway.ask('GET', '/mcp-servers');
      return (body as { state: string }[]).every(({ state }) => state === 'ready') || undefined;
    },
    30_000,
  );
}, 60_000);
afterAll(async () => {
  await gateway.close();
  for (const server of servers) server.kill('SIGKILL');
});

test.each(['http', 'sse'])('a server behind %s answers through the gateway', async (name) => {
  const answer = await gateway.tool(`${name}.echo`, { message: 'far away' });
  expect(answer.body.result.content).toEqual([{ type: 'text', text: 'Echo: far away' }]);
});

test('a server that goes away fails its own calls and no others', async () => {
  servers[0]!.kill('SIGKILL');
  const gone = await eventually('a failure', async () => {
    const answer = await gateway.tool('http.echo', { message: 'hello?' });
    return answer.status === 502 ? answer : undefined;
  });
  expect(gone.body.error).toContain('http');
  expect((await gateway.tool('sse.echo', { message: 'here' })).status).toBe(200);
});

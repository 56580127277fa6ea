import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from '../../../test/harness/gateway.ts';
import { serveMcpStdio } from './mcp-stdio.ts';

let gateway: TestGateway;
const input = new PassThrough();
const output = new PassThrough();
const answers = createInterface({ input: output })[Symbol.asyncIterator]();
let over: Promise<void>;

const say = (line: string): void => void input.write(`${line}\n`);
const heard = async (): Promise<Record<string, unknown>> =>
  JSON.parse((await answers.next()).value as string) as Record<string, unknown>;

beforeAll(async () => {
  gateway = await startTestGateway({
    loop_guard: false,
    policies: [{ name: 'all', rules: [{ tools: ['*'], action: 'allow' }] }],
    cli_tools: [{ name: 'echo', bin: 'echo' }],
  });
  over = serveMcpStdio(gateway.gateway, 'claude', 's-1', { input, output });
  const client = { name: 'test', version: '1' };
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: client };
  say(JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }));
  expect(await heard()).toMatchObject({ id: 0, result: { protocolVersion: '2025-06-18' } });
  say('{"jsonrpc":"2.0","method":"notifications/initialized"}');
});
afterAll(async () => {
  input.end();
  await over;
  await gateway.close();
});

const callOf = (id: number, args: string): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo.say","arguments":{"args":${args}}}}`;

test('a message nested deeper than anybody looks is answered with an error, recorded, and the next is served', async () => {
  for (const [id, levels] of [
    [1, 100],
    [2, 200_000],
  ] as const) {
    say(callOf(id, `${'['.repeat(levels)}${']'.repeat(levels)}`));
    expect(await heard()).toEqual({
      jsonrpc: '2.0',
      id,
      error: {
        code: -32_600,
        message: 'the message is nested more than 72 deep; pass deep content as text',
      },
    });
  }
  say(callOf(3, '["[[[", "\\"{{"]'));
  expect(await heard()).toMatchObject({ id: 3, result: { isError: false } });
  const { body } = await gateway.ask('GET', '/traces?tool=echo.say');
  expect((body as { status_code: number; face: string }[]).map((each) => each.status_code)).toEqual(
    [200, 400, 400],
  );
});

test('a message longer than one over HTTP may be is answered with an error, and the next is served', async () => {
  say(callOf(4, `["${'x'.repeat(11 * 1024 * 1024)}"]`));
  expect(await heard()).toEqual({
    jsonrpc: '2.0',
    id: null,
    error: { code: -32_600, message: 'the message is larger than 10485760 bytes' },
  });
  say(callOf(5, '["hi"]'));
  expect(await heard()).toMatchObject({ id: 5, result: { isError: false } });
});

import { afterAll, beforeAll, expect, test } from 'vitest';

import { startTestGateway, type TestGateway } from '../../test/harness/gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({
    cli_tools: [
      { name: 'echo', bin: 'echo', default_action: 'allow' },
      {
        name: 'leave',
        bin: 'setsid',
        default_action: 'allow',
        commands: { sleep: { timeout: '100ms' } },
      },
    ],
  });
});
afterAll(() => gateway.close());

test('a program whose offspring leaves its group and keeps its pipes open does not hold the call', async () => {
  const answer = await gateway.tool('leave.sleep', { args: ['30'] });
  expect({ status: answer.status, error: answer.body.error as string }).toEqual({
    status: 502,
    error: 'the program failed: it took longer than 100 ms',
  });
});

test('arguments nested deeper than anybody looks are refused, and the call is recorded', async () => {
  const nested = (levels: number): string =>
    `{"params":{"args":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
  for (const levels of [64, 100_000]) {
    const answer = await gateway.ask('POST', '/tool/echo.hi', nested(levels));
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('the arguments are nested more than 64 deep');
  }
  expect((await gateway.ask('GET', '/traces?tool=echo.hi')).body).toMatchObject([
    { status_code: 400, params: {} },
    { status_code: 400, params: {} },
  ]);
});

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { buildProduct, ROOT } from '../../harness/build.ts';
import { startCollector } from '../../harness/collector.ts';
import { eventually } from '../../harness/eventually.ts';
import { run } from '../../harness/process.ts';
import { COMMAND, createWorkplace, hookCalls } from './command.ts';
import type { Workplace } from './command.ts';

let work: Workplace;
beforeAll(buildProduct);
beforeEach(() => (work = createWorkplace()));
afterEach(() => work.dispose());

const sessionsIn = (folder: string): string[] =>
  readdirSync(path.join(folder, '.signalbox', 'sessions'));

const eventsOf = (folder: string, id: string) =>
  readFileSync(path.join(folder, '.signalbox', 'sessions', id, 'events.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line) as {
          event_type: string;
          parent_id: string;
          event_id: string;
          data: Record<string, unknown>;
        },
    );

async function hooks(id: string, upTo = 99): Promise<void> {
  for (const [name, payload] of hookCalls(id, work.project).slice(0, upTo)) {
    const ran = await work.run(['hook', '--provider', 'claude', name], {
      input: JSON.stringify(payload),
    });
    expect(ran).toEqual({ code: 0, stdout: '', stderr: '' });
  }
}

describe('hooks', () => {
  test('keep a session in one place while the agent changes its working directory', async () => {
    const env = { CLAUDE_PROJECT_DIR: work.project };
    const call = { session_id: 'moves', tool_name: 'Bash', tool_use_id: 't1' };
    const asked = { ...call, cwd: work.project, tool_input: { command: 'cd /' } };
    await work.run(['hook', 'pre-tool'], { input: JSON.stringify(asked), env });
    const answered = { ...asked, cwd: work.home, tool_response: {} };
    await work.run(['hook', 'post-tool'], { input: JSON.stringify(answered), env });
    expect(eventsOf(work.project, 'moves').map(({ event_type: type }) => type)).toEqual([
      'tool_call',
      'tool_result',
    ]);
  });

  test('record a session whose events belong together, without secrets, and verify', async () => {
    await hooks('work-1');
    const events = eventsOf(work.project, 'work-1');
    expect(events.map(({ event_type }) => event_type)).toEqual([
      'session_start',
      'user_prompt',
      'tool_call',
      'tool_result',
      'file_write',
      'tool_call',
      'error',
      'session_end',
    ]);
    expect(events[1]!.data).toEqual({
      prompt: 'Mend the build with https://me:[REDACTED:url_credentials]@host/',
    });
    expect(events[3]!.parent_id).toBe(events[2]!.event_id);
    expect(events[4]!.data['path']).toBe(`${work.project}/a.ts`);
    expect(events[6]!.parent_id).toBe(events[5]!.event_id);
    expect((await work.run(['verify'])).stdout).toMatch(
      /^work-1: intact, 8 events, signed by [0-9a-f]{64}\n$/,
    );
    const shown = JSON.parse((await work.run(['sessions', 'show', '--json'])).stdout) as object;
    expect(shown).toMatchObject({
      session_id: 'work-1',
      tool_calls: 2,
      errors: 1,
      cost_usd: null,
      input_tokens: null,
    });
  });

  test('and imports count each call of the model once, also at the same time', async () => {
    const line = {
      type: 'assistant',
      sessionId: 'once',
      timestamp: '2026-11-20T12:00:00Z',
      message: { id: 'm1', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1 } },
    };
    const file = path.join(work.project, 'once.jsonl');
    writeFileSync(file, `${JSON.stringify(line)}\n`);
    const input = JSON.stringify({ session_id: 'told', cwd: work.project, transcript_path: file });
    const four = ['a', 'b', 'c', 'd'];
    await Promise.all(four.map(() => work.run(['hook', 'stop'], { input })));
    await Promise.all(four.map(() => work.run(['import', file])));
    for (const id of ['told', 'once']) {
      const types = eventsOf(work.project, id).map(({ event_type: type }) => type);
      expect([id, types.filter((type) => type === 'llm_response')]).toEqual([id, ['llm_response']]);
    }
  });

  test('at the same time neither race nor fail', async () => {
    await hooks('busy', 1);
    const calls = Array.from({ length: 8 }, (_, i) => ({
      session_id: 'busy',
      cwd: work.project,
      tool_name: 'Read',
      tool_use_id: `c${i}`,
      tool_input: { file_path: `${i}` },
    }));
    await Promise.all(
      calls.map(
        async (call) => await work.run(['hook', 'pre-tool'], { input: JSON.stringify(call) }),
      ),
    );
    expect((await work.run(['verify', 'busy'])).stdout).toContain('busy: intact, 9 events');
    expect(
      new Set(
        eventsOf(work.project, 'busy')
          .slice(1)
          .map(({ data }) => data['tool_use_id']),
      ).size,
    ).toBe(8);
  });

  test('never fail, whatever they are told; the reason is in a log', async () => {
    for (const [args, input] of [
      [['pre-tool'], 'no json'],
      [['pre-tool'], '{"tool_name":"Read"}'],
      [['no-such-hook'], '{}'],
      [['--provider', 'nobody', 'stop'], '{}'],
      [['session-start'], ''],
    ] as const) {
      expect(await work.run(['hook', ...args], { input })).toEqual({
        code: 0,
        stdout: '',
        stderr: '',
      });
    }
    const log = readFileSync(path.join(work.home, '.signalbox', 'hook-errors.log'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(log).toHaveLength(5);
    expect(log[0]).toContain('pre-tool was given no JSON object: no json');
  });
});

test('record passes an MCP server through and records what it did', async () => {
  const server = path.join(ROOT, 'test', 'fixtures', 'sessions', 'mcp-server.mjs');
  const asked = [
    { id: 1, method: 'tools/list' },
    { id: 2, method: 'tools/call', params: { name: 'add', arguments: { a: 1, b: 2 } } },
    {
      id: 'x',
      method: 'tools/call',
      params: { name: 'fail', arguments: { token: 'secret-value' } },
    },
  ];
  const input = asked.map((each) => `${JSON.stringify({ jsonrpc: '2.0', ...each })}\n`).join('');
  const { code, stdout } = await work.run(
    ['record', '--name', 'adder', '--', process.execPath, server, '--token', 'secret-value'],
    { input },
  );
  expect(code).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id),
  ).toEqual([1, 2, 'x']);
  const [id] = sessionsIn(work.project);
  const events = eventsOf(work.project, id!);
  const told = events.map(({ event_type: type, data }) =>
    [type, data['tool_name'] ?? data['decision'] ?? data['reason'] ?? data['source']].join(' '),
  );
  expect([told[0], told.at(-1)]).toEqual(['session_start mcp', 'session_end exit 0']);
  // A server answers in its own time.
  expect(told.slice(1, -1).sort()).toEqual([
    'decision tools_listed',
    'error fail',
    'tool_call add',
    'tool_call fail',
    'tool_result add',
  ]);
  expect(events.find(({ event_type }) => event_type === 'error')!.data).toMatchObject({
    error: 'no 55',
  });
  expect(JSON.stringify(events)).not.toContain('secret-value');
  const meta = path.join(work.project, '.signalbox', 'sessions', id!, 'meta.json');
  expect(readFileSync(meta, 'utf8')).toContain('--token [REDACTED:secret]');
  const evidence = JSON.parse((await work.run(['export', '--format', 'eu-ai-act'])).stdout) as {
    sessions: { article_13: { capabilities_summary: object } }[];
  };
  expect(evidence.sessions[0]!.article_13.capabilities_summary).toMatchObject({
    tools_available: ['add', 'fail'],
    tools_used: ['add', 'fail'],
  });
});

test('record-http passes JSON and event streams through and records both', async () => {
  const upstream = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { id, params } = JSON.parse(body) as { id: number; params: { name: string } };
      const answer = JSON.stringify({
        jsonrpc: '2.0',
        id,
        result: {
          content: [
            { type: 'text', text: request.headers['traceparent'] !== undefined ? params.name : '' },
          ],
        },
      });
      const stream = params.name === 'streamed';
      response.writeHead(200, {
        'content-type': stream ? 'text/event-stream' : 'application/json',
        'mcp-session-id': 'm1',
      });
      response.end(stream ? `event: message\ndata: ${answer}\n\n` : answer);
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/mcp`;
  const proxy = run(process.execPath, [COMMAND, 'record-http', '--url', url, '--port', '5199'], {
    cwd: work.project,
    env: { HOME: work.home },
  });
  const at = await eventually('the proxy', () => /http:\/\/\S+/.exec(proxy.stdout())?.[0]);
  for (const [id, name] of [
    [1, 'plain'],
    [2, 'streamed'],
  ] as const) {
    const answer = await fetch(at, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params: { name, arguments: {} },
      }),
    });
    expect([
      answer.status,
      answer.headers.get('mcp-session-id'),
      (await answer.text()).includes(name),
    ]).toEqual([200, 'm1', true]);
  }
  proxy.child.kill('SIGTERM');
  expect((await proxy.exited).code).toBe(0);
  upstream.close();
  const events = eventsOf(work.project, sessionsIn(work.project)[0]!);
  expect(
    events.map(({ event_type, data }) => [event_type, data['tool_name'], data['result']]),
  ).toEqual([
    ['session_start', undefined, undefined],
    ['tool_call', 'plain', undefined],
    ['tool_result', 'plain', 'plain'],
    ['tool_call', 'streamed', undefined],
    ['tool_result', 'streamed', 'streamed'],
    ['session_end', undefined, undefined],
  ]);
});

describe('watch', () => {
  const namesOf = (
    requests: readonly {
      json: { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] };
    }[],
  ) =>
    requests.flatMap(({ json }) =>
      json.resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
      ),
    );

  const startWatch = (...args: string[]) =>
    run(process.execPath, [COMMAND, 'watch', ...args], {
      cwd: work.project,
      env: { HOME: work.home },
    });

  test('streams each span once it is complete, through an outage and a restart, and closes the root at the end', async () => {
    let collector = await startCollector();
    const port = Number(new URL(collector.url).port);
    const args = [
      '--stream-to',
      `${collector.url}/v1/traces`,
      '--stream-batch-size',
      '10',
      '--stream-flush-interval',
      '0.2',
      '--header',
      'k: v',
    ];
    await hooks('live', 4);
    const first = startWatch(...args);
    await eventually('the first tool call', () =>
      namesOf(collector.requests).includes('tool/Write') ? true : undefined,
    );
    expect(collector.requests[0]!.headers['k']).toBe('v');
    // The receiver goes away, the next span is spooled, and the watcher is killed.
    await collector.close();
    for (const [name, payload] of hookCalls('live', work.project).slice(4, 6)) {
      await work.run(['hook', name], { input: JSON.stringify(payload) });
    }
    await eventually('a spooled request', () =>
      /cannot be reached/.test(first.stderr()) ? true : undefined,
    );
    first.child.kill('SIGKILL');
    await first.exited;
    collector = await startCollector(port);
    const second = startWatch('live', ...args);
    await eventually('the second tool call', () =>
      namesOf(collector.requests).includes('Bash') ? true : undefined,
    );
    for (const [name, payload] of hookCalls('live', work.project).slice(6)) {
      await work.run(['hook', name], { input: JSON.stringify(payload) });
    }
    expect((await second.exited).code).toBe(0);
    expect(namesOf(collector.requests)).toEqual(['Bash', 'agent-session (claude-code)']);
    // A third start has nothing left to send.
    expect((await work.run(['watch', 'live', ...args])).stderr).toContain('Streamed 0 spans.');
    await collector.close();
  });

  test('keeps what is refused for a wrong key or address, says what to mend, and sends it with the next start', async () => {
    const collector = await startCollector();
    await hooks('denied', 7);
    const watch = async (key: string) =>
      await work.run(['watch', 'denied', '--stream-to', collector.url, '--header', `k: ${key}`]);
    for (const answer of [
      { status: 401, body: 'who are you' },
      { status: 308, headers: { location: 'https://elsewhere.example/v1/traces' } },
    ]) {
      collector.answers.push(answer);
      const { code, stderr } = await watch('wrong');
      expect([code, stderr.split('\n').slice(1, -1)]).toEqual([
        2,
        [
          expect.stringMatching(
            new RegExp(`answered ${answer.status}: .*wait on the disk. Mend the key .*--header`),
          ),
          'Streamed 0 spans.',
          '1 requests wait on the disk; the next `signalbox watch` of this session sends them.',
        ],
      ]);
    }
    const sent = await watch('right');
    expect([sent.code, sent.stderr]).toEqual([0, expect.stringContaining('Streamed 3 spans.')]);
    expect(namesOf(collector.requests.slice(2))).toEqual([
      'tool/Write',
      'Bash',
      'agent-session (claude-code)',
    ]);
    expect((await watch('right')).stderr).toContain('Streamed 0 spans.');
    await collector.close();
  });

  test('ends an agent also while the receiver does not answer', async () => {
    const asked: string[] = [];
    const silent = createServer((request) => void asked.push(request.url!));
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const agent = run(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await hooks('silent', 4);
    const limits = ['--max-retries', '1', '--on-violation', 'kill', '--pid', `${agent.child.pid}`];
    const stream = ['--stream-to', `http://127.0.0.1:${port}/v1/traces`];
    const watching = run(
      process.execPath,
      [COMMAND, 'watch', ...stream, '--stream-flush-interval', '0.1', ...limits],
      { cwd: work.project, env: { HOME: work.home, OTEL_EXPORTER_OTLP_TIMEOUT: '600000' } },
    );
    await eventually('a request', () => (asked.length > 0 ? true : undefined));
    for (const id of ['r1', 'r2', 'r3']) {
      const call = { session_id: 'silent', cwd: work.project, tool_name: 'Bash', tool_use_id: id };
      await work.run(['hook', 'pre-tool'], { input: JSON.stringify(call) });
    }
    expect((await agent.exited).signal).toBe('SIGTERM');
    watching.child.kill('SIGKILL');
    silent.closeAllConnections();
    silent.close();
  });

  test('ends an agent that goes beyond a limit, and records that it did', async () => {
    const agent = run(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await hooks('runaway', 1);
    for (let i = 0; i < 3; i += 1) {
      const call = {
        session_id: 'runaway',
        cwd: work.project,
        tool_name: 'Bash',
        tool_use_id: `c${i}`,
        tool_input: { command: 'make' },
      };
      await work.run(['hook', 'pre-tool'], { input: JSON.stringify(call) });
    }
    const limits = ['--loop-threshold', '3', '--on-violation', 'kill'];
    const watch = ['watch', 'runaway', ...limits, '--pid', String(agent.child.pid)];
    const { code, stderr } = await work.run(watch);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'runaway: Bash was called 3 times with the same arguments, which breaks loop_threshold 3: kill',
    );
    expect((await agent.exited).signal).toBe('SIGTERM');
    expect(eventsOf(work.project, 'runaway').at(-1)!.data).toMatchObject({
      decision: 'policy_intervention',
      rule: 'loop_threshold',
      action: 'kill',
    });
    // Another watch finds the same, but neither the process nor anything new to record.
    const events = eventsOf(work.project, 'runaway').length;
    const again = await work.run([...watch, '--once']);
    expect(again.stderr).toContain('No running process of this session is known');
    expect(again.code).toBe(1);
    expect(eventsOf(work.project, 'runaway')).toHaveLength(events);
  });
});

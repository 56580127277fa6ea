import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { isAlive } from '../../src/platform/process-group.ts';
import type { ProcessId } from '../../src/platform/process-group.ts';
import { buildProduct, ROOT } from '../harness/build.ts';
import { eventually } from '../harness/eventually.ts';
import { finish, run } from '../harness/process.ts';
import type { Finished, Running } from '../harness/process.ts';
import { temporaryFolder } from '../harness/server.ts';

const SIGNALBOX = path.join(ROOT, 'bin', 'signalbox.js');

const DECLARATION = `
import { definePlatform } from 'signalbox/platform';
const rest: { readonly model: string } = { model: 'main' };
export default definePlatform({
  name: 'demo',
  models: { main: { provider: 'openai', model: 'gpt-5-mini', service: 'stub', path: '/v1' } },
  services: { stub: { run: './server.ts' } },
  agents: {
    boss: { run: './server.ts', calls: ['worker'], ...rest },
    worker: { run: ['node', './server.js'], env: { COLOUR: 'green' } },
  },
  channels: { chat: { kind: 'chat', agent: 'boss', run: './server.ts' } },
});
`;

/** Answers with its environment, and ends when it is asked to. */
const SERVER = `
import { createServer } from 'node:http';
const { AGENT_NAME, AGENT_WORKER_URL, COLOUR, HOST, MODEL_BASE_URL, OTEL_EXPORTER_OTLP_ENDPOINT, PORT } = process.env;
createServer((request, answer) => {
  if (request.url === '/end') process.exit(4);
  answer.end(JSON.stringify({ AGENT_NAME, AGENT_WORKER_URL, COLOUR, MODEL_BASE_URL, OTEL_EXPORTER_OTLP_ENDPOINT }));
}).listen(Number(PORT), HOST, () => console.log('serving', AGENT_NAME));
`;

interface Status {
  readonly up: boolean;
  readonly phase: string;
  readonly telemetry: string | null;
  readonly processes: readonly {
    readonly name: string;
    readonly state: string;
    readonly url: string;
    readonly restarts: number;
    readonly lastExit: string | null;
    readonly process: ProcessId | null;
  }[];
}

let folder: string;
const running: Running[] = [];
beforeAll(async () => {
  buildProduct();
  folder = await temporaryFolder();
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(path.join(folder, 'server.js'), SERVER);
  await writeFile(
    path.join(folder, 'server.ts'),
    SERVER.replace('(request,', '(request: { url?: string },'),
  );
  await declare(DECLARATION);
});
afterEach(async () => {
  await platform('down');
  await Promise.all(running.splice(0).map(({ exited }) => exited));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const declare = (text: string): Promise<void> =>
  writeFile(path.join(folder, 'signalbox.platform.ts'), text);

const platform = (verb: string, ...flags: string[]): Promise<Finished> =>
  finish(process.execPath, [SIGNALBOX, 'platform', verb, ...flags], { cwd: folder });

async function status(): Promise<Status & { readonly code: number | null }> {
  const { code, stdout } = await platform('status', '--json');
  return { ...(JSON.parse(stdout) as Status), code };
}

function up(): Running {
  const started = run(process.execPath, [SIGNALBOX, 'platform', 'up'], { cwd: folder });
  running.push(started);
  return started;
}

async function upAndReady(): Promise<Running> {
  const started = up();
  await eventually('the platform', () => {
    if (started.isOver()) throw new Error(started.stderr());
    return started.stdout().includes('is up.') || undefined;
  });
  return started;
}

test('a platform is planned, brought up, looked at and brought down', async () => {
  const planned = await platform('plan', '--json');
  const { processes, telemetry } = JSON.parse(planned.stdout) as {
    telemetry: unknown;
    processes: { name: string; change: string; serviceName?: string }[];
  };
  expect(telemetry).toEqual({ kind: 'off', because: 'the platform declares none' });
  expect(processes.map(({ change, name, serviceName }) => [name, serviceName, change])).toEqual([
    ['stub', undefined, 'start'],
    ['boss', 'signalbox-boss', 'start'],
    ['worker', 'signalbox-worker', 'start'],
    ['chat', 'signalbox-channel-chat', 'start'],
  ]);
  expect(await status()).toMatchObject({ code: 1, up: false, processes: [] });

  const detached = await platform('up', '--detach');
  expect(detached).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Telemetry is off.') as unknown,
  });
  const now = await status();
  expect(now).toMatchObject({ code: 0, up: true, phase: 'ready', telemetry: null });
  expect(now.processes.map(({ name, state }) => [name, state])).toEqual(
    ['stub', 'boss', 'worker', 'chat'].map((name) => [name, 'running']),
  );
  const urls = Object.fromEntries(now.processes.map(({ name, url }) => [name, url]));
  expect(await (await fetch(urls['boss']!)).json()).toEqual({
    AGENT_NAME: 'boss',
    AGENT_WORKER_URL: urls['worker'],
    MODEL_BASE_URL: `${urls['stub']}/v1`,
    OTEL_EXPORTER_OTLP_ENDPOINT: '',
  });
  const logs = await platform('logs', 'boss', 'worker');
  expect(logs.stdout).toMatch(/^boss +\S+Z serving boss$/m);
  expect(logs.stdout).toMatch(/^worker +\S+Z serving worker$/m);
  expect(await platform('logs', 'bos')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean boss?') as unknown,
  });
  expect(await platform('down')).toMatchObject({ code: 0, stderr: 'The platform is down.\n' });
  await expect(fetch(urls['boss']!)).rejects.toThrow('fetch failed');
  expect(await platform('down')).toMatchObject({ code: 0, stderr: 'The platform was not up.\n' });
});

test('what ends is started again at the same address, and a changed declaration is seen', async () => {
  const supervisor = await upAndReady();
  const following = run(process.execPath, [SIGNALBOX, 'platform', 'logs', 'worker', '--follow'], {
    cwd: folder,
  });
  const before = (await status()).processes.find(({ name }) => name === 'worker')!;
  await expect(fetch(`${before.url}/end`)).rejects.toThrow('fetch failed');
  const after = await eventually('the second worker', async () => {
    const now = await status();
    const worker = now.processes.find(({ name }) => name === 'worker')!;
    return worker.state === 'running' && worker.restarts === 1 ? worker : undefined;
  });
  expect(after).toMatchObject({ url: before.url, lastExit: 'exit 4' });
  expect(await (await fetch(after.url)).json()).toMatchObject({ COLOUR: 'green' });
  const starts = (): number => following.stdout().split('serving worker').length;
  const first = starts();
  await expect(fetch(`${before.url}/end`)).rejects.toThrow('fetch failed');
  await eventually('the line of its next start', () => starts() > first || undefined);
  following.child.kill('SIGTERM');
  await following.exited;

  await declare(DECLARATION.replace('green', 'blue'));
  const planned = JSON.parse((await platform('plan', '--json')).stdout) as {
    processes: { change: string }[];
  };
  await declare(DECLARATION);
  expect(planned.processes.map(({ change }) => change)).toEqual([
    'keep',
    'keep',
    'restart',
    'keep',
  ]);
  supervisor.child.kill('SIGINT');
  expect(await supervisor.exited).toEqual({ code: 0, signal: null });
});

test('of two that bring it up at once one does, and the other says so', async () => {
  const both = [up(), up()];
  const loser = await eventually('the refusal', () => both.find((each) => each.isOver()));
  expect(await loser.exited).toEqual({ code: 2, signal: null });
  expect(loser.stderr()).toContain('is up already');
  const winner = both.find((each) => each !== loser)!;
  await eventually('the platform', () => winner.stdout().includes('is up.') || undefined);
  expect(await status()).toMatchObject({ code: 0, up: true });
});

test('what a killed supervisor leaves is seen, and ended by the next', async () => {
  const first = await upAndReady();
  first.child.kill('SIGKILL');
  await first.exited;
  const orphaned = await status();
  expect(orphaned).toMatchObject({ code: 1, up: false, phase: 'down' });
  expect(orphaned.processes.map(({ state }) => state)).toEqual(Array(4).fill('orphan'));
  await upAndReady();
  expect(orphaned.processes.filter(({ process: id }) => isAlive(id!))).toEqual([]);
  expect((await status()).code).toBe(0);
});

test('what does not start is told with its last words, and nothing is left running', async () => {
  await mkdir(path.join(folder, 'broken'), { recursive: true });
  const file = path.join(folder, 'broken', 'signalbox.platform.ts');
  const broken = DECLARATION.replace("'./server.ts', calls", "'../broken.ts', calls");
  await writeFile(file, broken.replaceAll("'./server", "'../server"));
  await writeFile(path.join(folder, 'broken.ts'), "throw new Error('no such table: trips');");
  const { code, stderr } = await platform('up', '--file', 'broken');
  expect(code).toBe(1);
  expect(stderr).toContain('boss did not start (exit 1)');
  expect(stderr).toContain('no such table: trips');
  const state = await readFile(
    path.join(folder, 'broken', '.signalbox', 'platform.json'),
    'utf8',
  ).catch((error: NodeJS.ErrnoException) => error.code);
  expect(state).toBe('ENOENT');
});

test('a signal during the start stops what was started', async () => {
  await mkdir(path.join(folder, 'slow'), { recursive: true });
  const slow = DECLARATION.replace(
    "channels: { chat: { kind: 'chat', agent: 'boss', run: './server.ts' } }",
    "channels: { chat: { kind: 'chat', agent: 'boss', run: './never.ts' } }",
  );
  await writeFile(
    path.join(folder, 'slow', 'signalbox.platform.ts'),
    slow.replaceAll("'./", "'../"),
  );
  await writeFile(path.join(folder, 'never.ts'), "setInterval(() => console.log('not yet'), 50);");
  const started = run(process.execPath, [SIGNALBOX, 'platform', 'up', '--file', 'slow'], {
    cwd: folder,
  });
  await eventually('the channel', () => started.stderr().includes('not yet') || undefined);
  const { stdout } = await platform('status', '--json', '--file', 'slow');
  const ids = (JSON.parse(stdout) as Status).processes.map(({ process: id }) => id!);
  started.child.kill('SIGINT');
  expect(await started.exited).toEqual({ code: 0, signal: null });
  expect(ids.map(isAlive)).toEqual(Array(4).fill(false));
});

test('a plan tells the ports that are declared', async () => {
  await mkdir(path.join(folder, 'ports'), { recursive: true });
  const ports = DECLARATION.replace("calls: ['worker'],", "calls: ['worker'], port: 8123,");
  await writeFile(path.join(folder, 'ports', 'signalbox.platform.ts'), ports);
  const { stdout } = await platform('plan', '--file', 'ports', '--json');
  const { processes } = JSON.parse(stdout) as { processes: { name: string; url: string }[] };
  expect(processes.slice(0, 2).map(({ name, url }) => `${name} ${url}`)).toEqual([
    'stub http://127.0.0.1:<free port>',
    'boss http://127.0.0.1:8123',
  ]);
});

test('an empty endpoint turns telemetry off for one start', async () => {
  await mkdir(path.join(folder, 'telling'), { recursive: true });
  const telling = DECLARATION.replace("name: 'demo',", "name: 'demo', telemetry: {},");
  await writeFile(path.join(folder, 'telling', 'signalbox.platform.ts'), telling);
  const planned = async (env: Record<string, string>): Promise<string[]> => {
    const args = [SIGNALBOX, 'platform', 'plan', '--file', 'telling', '--json'];
    const { stdout } = await finish(process.execPath, args, { cwd: folder, env });
    const { processes } = JSON.parse(stdout) as {
      processes: { name: string; env: Record<string, string> }[];
    };
    return processes.map(({ env: told, name }) => `${name} ${told['OTEL_EXPORTER_OTLP_ENDPOINT']}`);
  };
  const own = 'http://127.0.0.1:<free port>';
  expect(await planned({})).toEqual([
    'signalbox undefined',
    'stub ',
    `boss ${own}`,
    `worker ${own}`,
    `chat ${own}`,
  ]);
  expect(await planned({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toEqual([
    'stub ',
    'boss ',
    'worker ',
    'chat ',
  ]);
});

test.each([
  ['enum Colour { Red }', 'TypeScript enum is not supported'],
  ['export default 3', 'has no declaration'],
  ["export default { name: 'demo', agents: { a: { run: 'a.js', modle: 'x' } } }", 'modle'],
])('a declaration that says %j is refused', async (text, message) => {
  await mkdir(path.join(folder, 'wrong'), { recursive: true });
  await writeFile(path.join(folder, 'wrong', 'signalbox.platform.ts'), text);
  expect(await platform('plan', '--file', 'wrong')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(message) as unknown,
  });
});

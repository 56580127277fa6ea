import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { eventually } from '../../test/harness/eventually.ts';
import { freePort } from '../../test/harness/server.ts';
import type { ProcessPlan } from './local-plan.ts';
import { identify } from './process-group.ts';
import { DEFAULT_TIMES, SupervisedProcess } from './supervised-process.ts';
import type { SupervisionTimes } from './supervised-process.ts';

const QUICK: SupervisionTimes = {
  ...DEFAULT_TIMES,
  backoffMs: 10,
  backoffMaxMs: 40,
  attemptsMax: 4,
  firstAttemptsMax: 3,
  probeStartMs: 10,
  probeMs: 20,
  unreadyMax: 2,
  readyMs: 5_000,
  stopMs: 300,
};

interface Watched {
  readonly process: SupervisedProcess;
  readonly lines: string[];
  readonly states: string[];
}

let folder: string;
const started: SupervisedProcess[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-supervised-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()));
});
afterAll(() => rmSync(folder, { recursive: true }));

function supervise(code: string, rest: Partial<ProcessPlan> = {}): Watched {
  const lines: string[] = [];
  const states: string[] = [];
  const supervised = new SupervisedProcess({
    plan: {
      name: 'worker',
      kind: 'agent',
      serviceName: 'signalbox-worker',
      command: [process.execPath, '-e', code],
      cwd: folder,
      env: { GIVEN: 'by the plan', PATH: undefined },
      url: undefined,
      probe: { kind: 'process' },
      restart: 'always',
      needs: [],
      outputIsPrivate: false,
      digest: 'd',
      ...rest,
    },
    environment: { PATH: '/nowhere', INHERITED: 'yes' },
    times: QUICK,
    beforeStart: async () => undefined,
    onOutput: (line) => lines.push(line),
    onChange: () => {
      const { state } = supervised.record();
      if (states.at(-1) !== state) states.push(state);
    },
  });
  started.push(supervised);
  return { process: supervised, lines, states };
}

const FOREVER = 'setInterval(() => {}, 1000);';

test('a process runs with what it was given, and its output is handed on line by line', async () => {
  const { lines, process: worker } = supervise(
    `const { GIVEN, INHERITED, PATH } = process.env;
     console.log(JSON.stringify({ GIVEN, INHERITED, PATH }));
     console.error('second'); ${FOREVER}`,
  );
  await worker.start();
  await eventually('both lines', () => lines.length >= 2 || undefined);
  expect(lines.toSorted()).toEqual(['second', '{"GIVEN":"by the plan","INHERITED":"yes"}']);
  const { process: id, state } = worker.record();
  expect([state, identify(id!.pid)]).toEqual(['running', id]);
  await worker.stop();
  expect([worker.record().state, identify(id!.pid)]).toEqual(['stopped', undefined]);
});

test('a process that ends is started again, and given up when it keeps ending', async () => {
  const { process: worker, states } = supervise('setTimeout(() => process.exit(3), 150);');
  await worker.start();
  await eventually('giving up', () => worker.record().state === 'failed' || undefined);
  expect(worker.record()).toMatchObject({ restarts: 3, lastExit: 'exit 3', process: null });
  const life = ['starting', 'running', 'waiting'];
  expect(states).toEqual([...life, ...life, ...life, 'starting', 'running', 'failed']);
});

test.each([
  ['on-failure', 'process.exit(0)', 'stopped'],
  ['never', 'process.exit(1)', 'failed'],
] as const)('%s: a process that ran %j is left %s', async (restart, code, state) => {
  const { process: worker } = supervise(`setTimeout(() => ${code}, 150);`, { restart });
  await worker.start();
  await eventually('its end', () => worker.record().state === state || undefined);
  expect(worker.record().restarts).toBe(0);
});

test('why a process never was ready is told after a few attempts', async () => {
  const { lines, process: worker } = supervise('console.log("no such table"); process.exit(1);', {
    probe: { kind: 'http', url: `http://127.0.0.1:${await freePort()}/health` },
  });
  await expect(worker.start()).rejects.toThrow('exit 1');
  expect(lines).toEqual(['no such table', 'no such table', 'no such table']);
  const absent = supervise('', { command: [join(folder, 'absent')] });
  await expect(absent.process.start()).rejects.toThrow(/cannot be started: .*ENOENT/);
});

test('a process that stops answering is started again', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/health`;
  const { process: worker, states } = supervise(
    `const { existsSync, writeFileSync } = require('node:fs');
     const second = existsSync('answered');
     require('node:http').createServer((request, answer) => {
       const sick = !second && existsSync('answered');
       writeFileSync('answered', '');
       answer.writeHead(sick ? 500 : 200).end();
     }).listen(${port}, '127.0.0.1');`,
    { probe: { kind: 'http', url } },
  );
  await worker.start();
  await eventually('its second life', () => {
    const { restarts, state } = worker.record();
    return (restarts === 1 && state === 'running') || undefined;
  });
  expect(states).toEqual(['starting', 'running', 'unready', 'waiting', 'starting', 'running']);
  expect(worker.record().lastExit).toBe('unready 2 times in a row');
});

test('what a process started ends with it, also when it does not heed SIGTERM', async () => {
  const child = `process.on("SIGTERM", () => {}); require("node:fs").writeFileSync("pid", String(process.pid)); ${FOREVER}`;
  const { process: worker } = supervise(
    `process.on('SIGTERM', () => {});
     require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]); ${FOREVER}`,
  );
  await worker.start();
  const grandchild = await eventually('the grandchild', () => {
    const id = identify(Number(readFileSync(join(folder, 'pid'), 'utf8')));
    return id;
  });
  await worker.stop();
  await eventually('its end', () => identify(grandchild.pid) === undefined || undefined);
  expect(worker.record()).toMatchObject({ state: 'stopped', process: null });
});

test('stopping does not wait for the next start', async () => {
  const { process: worker } = supervise('setTimeout(() => process.exit(1), 150);', {});
  await worker.start();
  await eventually('the wait', () => worker.record().restarts >= 1 || undefined);
  await worker.stop();
  expect(worker.record().state).toBe('stopped');
});

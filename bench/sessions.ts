import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { writeResourceSpans } from '../src/otlp/write-traces.ts';
import { spanBatchesOf } from '../src/session/export-traces.ts';
import { findSession } from '../src/session/read-session.ts';
import type { NewEvent } from '../src/session/session-event.ts';
import { appendEvents, createSession } from '../src/session/session-writer.ts';
import { openSigningKey } from '../src/base/signing-key.ts';
import { verifySession } from '../src/session/verify-session.ts';

/**
 * What recording costs: a hook's whole process beside a Node that does nothing, an append to a short session and to a
 * long one, and how many events a second are exported and verified.
 */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '200000' },
    hooks: { type: 'string', default: '20' },
  },
});

const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'signalbox-sessions-'));
const root = join(folder, 'sessions');
const key = openSigningKey(join(folder, 'key.pem'));
let now = 1_763_640_000_000_000_000n;
const options = { key, nowNs: () => (now += 1_000_000n) };

function callAndResult(index: number): NewEvent[] {
  const id = index.toString(16).padStart(16, '0');
  const data = {
    tool_name: 'Bash',
    tool_use_id: `toolu_${index}`,
    arguments: { command: `npm test -- --shard ${index}` },
  };
  return [
    { type: 'tool_call', id, data },
    { type: 'tool_result', parentId: id, data: { tool_name: 'Bash', result: 'ok '.repeat(60) } },
  ];
}

const percentile = (times: number[], share: number): number =>
  Number(times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * share)]!.toFixed(1));

function timeAppends(directory: string, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const began = performance.now();
    appendEvents(directory, callAndResult(i).slice(0, 1), options);
    return performance.now() - began;
  });
}

function timeProcess(args: readonly string[], input = ''): number {
  const began = performance.now();
  spawnSync(process.execPath, args, {
    input,
    env: { ...process.env, HOME: folder, SIGNALBOX_SESSION_DIR: root },
  });
  return performance.now() - began;
}

const directory = createSession(root, {
  session_id: 'bench',
  agent_name: 'bench',
  started_at_ns: String(now),
  parent_session_id: '',
  parent_event_id: '',
  provider: 'claude',
  source: 'hook',
  command: '',
  cwd: '',
  redacted: true,
  format: 1,
});
const short = timeAppends(directory, 50);
const wanted = Number(values.events);
for (let made = 0; made < wanted; made += 2_000) {
  appendEvents(
    directory,
    Array.from({ length: 1_000 }, (_, i) => callAndResult(made + i)).flat(),
    options,
  );
}
const long = timeAppends(directory, 50);

const session = findSession({ root }, 'bench');
const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const [began, beganCpu] = [performance.now(), cpuSeconds()];
const verdict = verifySession(session, key.publicKey);
const verifySeconds = (performance.now() - began) / 1000;
const verifyCpu = cpuSeconds() - beganCpu;
if (verdict.ok !== true) throw new Error(verdict.reason);

const problems = { unreadable: 0, unknownTypes: new Map<string, number>() };
const [started, startedCpu] = [performance.now(), cpuSeconds()];
let bytes = 0;
let spans = 0;
for (const batch of spanBatchesOf(
  [session],
  { root },
  { style: 'otlp', serviceName: 'bench', productVersion: '0' },
  problems,
)) {
  bytes += Buffer.from(writeResourceSpans(batch), 'utf8').length;
  spans += batch.spans.length;
}
const exportSeconds = (performance.now() - started) / 1000;
const exportCpu = cpuSeconds() - startedCpu;

const command = join(import.meta.dirname, '..', 'bin', 'signalbox.js');
const call = JSON.stringify({
  session_id: 'bench',
  tool_name: 'Read',
  tool_use_id: 'x',
  tool_input: { file_path: 'a' },
});
const [hooks, helps, bare]: [number[], number[], number[]] = [[], [], []];
// In turn, so that what else the machine does falls on all alike.
for (let i = 0; i < Number(values.hooks); i += 1) {
  bare.push(timeProcess(['-e', '0']));
  hooks.push(timeProcess([command, 'hook', 'pre-tool'], call));
  helps.push(timeProcess([command, '--help']));
}
execFileSync('sync');
rmSync(folder, { recursive: true });
console.log(
  JSON.stringify(
    {
      events: verdict.total_events,
      appendMs: { short: percentile(short, 0.5), long: percentile(long, 0.5) },
      // By the CPU's time as well, which does not depend on what else the machine does.
      verifyEventsPerSecond: {
        wall: Math.round(verdict.total_events / verifySeconds),
        cpu: Math.round(verdict.total_events / verifyCpu),
      },
      exportEventsPerSecond: {
        wall: Math.round(verdict.total_events / exportSeconds),
        cpu: Math.round(verdict.total_events / exportCpu),
      },
      exportedSpans: spans,
      exportedMegabytes: Math.round(bytes / 1e6),
      processMs: {
        emptyNode: { p50: percentile(bare, 0.5), min: percentile(bare, 0) },
        hook: { p50: percentile(hooks, 0.5), min: percentile(hooks, 0) },
        help: { p50: percentile(helps, 0.5), min: percentile(helps, 0) },
      },
    },
    null,
    2,
  ),
);

import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { shortWork, START_NS, startRecording } from '../../fixtures/sessions/recorded.ts';
import { buildProduct } from '../../harness/build.ts';
import { createWorkplace } from './command.ts';
import type { Ran, Workplace } from './command.ts';

/** The verbs of `sessions`, `baseline` and the plain formats of `export`, in a project that agent-strace was used in before. */

let work: Workplace;
beforeAll(() => {
  buildProduct();
  work = createWorkplace();
  const recording = startRecording();
  for (let day = 0; day < 6; day++) {
    const startNs = START_NS + BigInt(day) * 86_400_000_000_000n;
    const events = shortWork(`s${day}`).map((event) => ({
      ...event,
      timeNs: event.timeNs! - START_NS + startNs,
    }));
    recording.record(`s${day}`, events, { started_at_ns: String(startNs) });
  }
  recording.record('s5-helper', shortWork('s5-helper').slice(0, 4), {
    started_at_ns: String(START_NS + 432_000_500_000_000n),
    parent_session_id: 's5',
    agent_name: 'explorer',
  });
  cpSync(recording.root, path.join(work.project, '.signalbox', 'sessions'), { recursive: true });
  work.env['SIGNALBOX_SESSION_KEY'] = path.join(recording.folder, 'key.pem');
  recordWithStrace(path.join(work.project, '.agent-traces', 'strace1'));
});
afterAll(() => work.dispose());

/** As agent-strace writes: seconds as numbers, ids of twelve digits. */
function recordWithStrace(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const meta = { session_id: 'strace1', agent_name: 'aider', started_at: 1_763_000_000.25 };
  writeFileSync(path.join(folder, 'meta.json'), JSON.stringify(meta));
  const event = (id: string, type: string, seconds: number, data: object, parent = '') =>
    JSON.stringify({
      event_type: type,
      timestamp: seconds,
      event_id: id.padStart(12, '0'),
      session_id: 'strace1',
      parent_id: parent && parent.padStart(12, '0'),
      data,
    });
  writeFileSync(
    path.join(folder, 'events.ndjson'),
    [
      event('1', 'session_start', 1_763_000_000.25, {}),
      event('2', 'tool_call', 1_763_000_001, { tool_name: 'bash', arguments: { command: 'ls' } }),
      event('3', 'tool_result', 1_763_000_001.5, { tool_name: 'bash', result: 'a.ts' }, '2'),
      event('4', 'session_end', 1_763_000_002, {}),
    ].join('\n'),
  );
}

const signalbox = async (...args: string[]): Promise<Ran> => await work.run(args);

async function json(...args: string[]): Promise<unknown> {
  const ran = await signalbox(...args, '--json');
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  return JSON.parse(ran.stdout);
}

describe('sessions', () => {
  test('are listed with what agent-strace recorded, the latest last', async () => {
    const listed = (await json('sessions', 'list')) as { session_id: string; tool_calls: number }[];
    expect(listed.map(({ session_id: id, tool_calls: calls }) => [id, calls])).toEqual([
      ['strace1', 1],
      ...['s0', 's1', 's2', 's3', 's4', 's5'].map((id) => [id, 2]),
      ['s5-helper', 0],
    ]);
    const since = (await json('sessions', 'list', '--since', '2025-11-24')) as object[];
    expect(since).toHaveLength(3);
  });

  test('are shown, replayed, drawn as a tree, counted and reckoned', async () => {
    expect(await json('sessions', 'show', 's5')).toMatchObject({
      session_id: 's5',
      started_at: '2025-11-25T12:00:00.000000000Z',
      duration_s: 2.6,
      prompts: 1,
      errors: 1,
      input_tokens: 1000,
      output_tokens: 200,
      files_written: ['/project/a.ts'],
    });
    const replayed = (await signalbox('sessions', 'replay', 's5')).stdout.split('\n');
    expect(replayed[1]).toBe('     0.010s  user_prompt        Mend the build');
    expect((await signalbox('sessions', 'tree', 's5')).stdout).toBe(
      [
        '● claude-code s5',
        '  · claude-sonnet-4-5-20250929',
        '  · Write',
        '  · Bash ✗',
        '  ● explorer s5-helper',
        '    · claude-sonnet-4-5-20250929',
        '',
      ].join('\n'),
    );
    expect(await json('sessions', 'stats', 's5')).toMatchObject({
      tools: { Bash: 1, Write: 1 },
      blast_radius: 1,
      cache_read_tokens: 400,
    });
    // 600 × $3, 400 from the cache × $0.30 and 200 × $15, a million each.
    expect(await json('sessions', 'cost', 's5')).toEqual({
      session_id: 's5',
      cost_usd: 0.004_92,
      models: [
        {
          model: 'claude-sonnet-4-5-20250929',
          calls: 1,
          input_tokens: 1000,
          output_tokens: 200,
          cost_usd: 0.004_92,
          calls_without_price: 0,
        },
      ],
    });
  });

  test('take notes beside the record, which still verifies', async () => {
    const noted = ['sessions', 'annotate', 's4', 'Seen by \u001b[31mMia', '--by', 'mia'];
    expect((await signalbox(...noted)).code).toBe(0);
    const { annotations } = (await json('sessions', 'show', 's4')) as { annotations: string[] };
    expect(annotations[0]!.slice(24)).toBe(' mia: Seen by \u001B[31mMia');
    expect((await signalbox('sessions', 'show', 's4')).stdout).toContain('Seen by \\x1b[31mMia');
    expect((await signalbox('verify', 's4')).code).toBe(0);
    const foreign = await signalbox('sessions', 'annotate', 'strace1', 'no');
    expect([foreign.code, foreign.stderr]).toEqual([
      2,
      expect.stringContaining("strace1 is agent-strace's, which is read only"),
    ]);
  });

  test('are pruned with those of their sub-agents, after a look', async () => {
    const folder = path.join(work.project, '.signalbox', 'sessions');
    const old = ['--older-than', '2025-11-22', '--json'];
    const look = await signalbox('sessions', 'prune', ...old, '--dry-run');
    expect([JSON.parse(look.stdout), look.stderr]).toEqual([
      ['s0', 's1'],
      '2 sessions would be deleted.\n',
    ]);
    expect(existsSync(path.join(folder, 's0'))).toBe(true);
    const copy = path.join(work.home, 'copy');
    cpSync(folder, copy, { recursive: true });
    const all = await signalbox('sessions', 'prune', '--older-than', '0d', '--json', '--dir', copy);
    expect(JSON.parse(all.stdout)).toEqual(['s0', 's1', 's2', 's3', 's4', 's5', 's5-helper']);
    expect(existsSync(path.join(copy, 's5-helper'))).toBe(false);
  });
});

test('a baseline passes what is usual with exit code 0 and what is not with 1', async () => {
  expect((await signalbox('baseline', 'update')).code).toBe(0);
  const usual = await signalbox('baseline', 'check', 's5', '--format', 'json');
  expect([usual.code, JSON.parse(usual.stdout)]).toMatchObject([0, { anomalous: false }]);
  const recording = startRecording();
  const calls = Array.from({ length: 60 }, (_, i) => ({
    type: 'tool_call' as const,
    timeNs: START_NS + BigInt(i) * 1_000_000_000n,
    data: { tool_name: 'Bash', arguments: { command: `echo ${i}` } },
  }));
  const end = { type: 'session_end' as const, timeNs: START_NS + 60_000_000_000n, data: {} };
  recording.record('runaway', [...shortWork('runaway').slice(0, 2), ...calls, end]);
  cpSync(
    path.join(recording.root, 'runaway'),
    path.join(work.project, '.signalbox', 'sessions', 'runaway'),
    { recursive: true },
  );
  const unusual = await signalbox('baseline', 'check', 'runaway');
  expect([unusual.code, unusual.stdout.split('\n')[0]]).toEqual([
    1,
    'runaway: outside the baseline',
  ]);
});

describe('export', () => {
  test('as JSON and as CSV holds every event', async () => {
    const asJson = await signalbox('export', 's3', '--format', 'json');
    expect(asJson.code).toBe(0);
    const { sessions } = JSON.parse(asJson.stdout) as {
      sessions: { events: { event_type: string }[] }[];
    };
    expect(sessions[0]!.events.map(({ event_type: type }) => type)).toEqual(
      shortWork().map(({ type }) => type),
    );
    const asCsv = await signalbox('export', 's3', '--format', 'csv');
    const [head, ...rows] = asCsv.stdout.trimEnd().split('\n');
    expect([asCsv.code, head!.split(',').slice(0, 3), rows.length]).toEqual([
      0,
      ['session_id', 'agent_name', 'seq'],
      11,
    ]);
  });

  test('of what agent-strace recorded is a trace like any other', async () => {
    const { code, stdout } = await signalbox('export', 'strace1', '--format', 'otlp');
    const document = JSON.parse(stdout) as {
      resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[];
    };
    const names = document.resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
    );
    expect([code, names.toSorted()]).toEqual([0, ['agent-session (aider)', 'tool/bash']]);
  });
});

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ROOT } from '../../harness/build.ts';
import { cleanEnvironment } from '../../harness/process.ts';

export const COMMAND = path.join(ROOT, 'bin', 'signalbox.js');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project folder and a home of its own, in which the command is run. */
export interface Workplace {
  readonly project: string;
  readonly home: string;
  /** Added to the environment of what is run. */
  readonly env: Record<string, string>;
  /** Runs a program to its end; `input` is its standard input. */
  run(
    args: readonly string[],
    options?: { input?: string; env?: Record<string, string> },
  ): Promise<Ran>;
  dispose(): void;
}

export function createWorkplace(): Workplace {
  const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-work-'));
  const home = mkdtempSync(path.join(folder, 'home-'));
  const project = mkdtempSync(path.join(folder, 'project-'));
  const shared: Record<string, string> = { HOME: home };
  return {
    project,
    home,
    env: shared,
    run: async (args, { input = '', env = {} } = {}) =>
      await new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [COMMAND, ...args], {
          cwd: project,
          env: { ...cleanEnvironment(), ...shared, ...env },
        });
        let [stdout, stderr] = ['', ''];
        child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
        child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
        child.on('error', reject);
        child.on('close', (code) => resolve({ code, stdout, stderr }));
        child.stdin.end(input);
      }),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Claude Code's hooks for a short piece of work: a prompt, a file written, a command that fails. */
export function hookCalls(sessionId: string, cwd: string): readonly (readonly [string, object])[] {
  const common = { session_id: sessionId, cwd, transcript_path: '' };
  const write = { file_path: `${cwd}/a.ts`, content: 'export {}' };
  return [
    ['session-start', { ...common, hook_event_name: 'SessionStart', source: 'startup' }],
    ['user-prompt', { ...common, prompt: 'Mend the build with https://me:hunter2@host/' }],
    ['pre-tool', { ...common, tool_name: 'Write', tool_use_id: 't1', tool_input: write }],
    [
      'post-tool',
      {
        ...common,
        tool_name: 'Write',
        tool_use_id: 't1',
        tool_input: write,
        tool_response: { success: true },
      },
    ],
    [
      'pre-tool',
      { ...common, tool_name: 'Bash', tool_use_id: 't2', tool_input: { command: 'npm test' } },
    ],
    [
      'post-tool-failure',
      {
        ...common,
        tool_name: 'Bash',
        tool_use_id: 't2',
        tool_input: { command: 'npm test' },
        error: 'exit 1',
      },
    ],
    ['session-end', { ...common, reason: 'exit' }],
  ];
}

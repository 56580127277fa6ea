import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';

import { LineSplitter, McpRecorder, parseMessage } from '../session/mcp-recorder.ts';
import { noteAgentProcess } from '../session/agent-process.ts';
import { sessionIdOf } from '../session/session-id.ts';
import { foldersOf, keyOf, nowNs } from './session-place.ts';
import type { Environment, PlaceFlags } from './session-place.ts';

export interface RecordFlags extends PlaceFlags {
  readonly name?: string;
  readonly parent?: string;
  readonly keepSecrets?: true;
}

/** `signalbox record -- COMMAND`: every byte passes as it is; the exit code is the server's. */
export async function record(
  command: readonly string[],
  flags: RecordFlags,
  env: Environment,
): Promise<void> {
  const [program, ...args] = command;
  const { root } = foldersOf(flags, env);
  const recorder = new McpRecorder({
    root,
    agentName: flags.name ?? basename(program!),
    command: command.join(' '),
    cwd: process.cwd(),
    parentSessionId: flags.parent === undefined ? '' : sessionIdOf(flags.parent),
    key: keyOf(env),
    nowNs,
    keepSecrets: flags.keepSecrets === true,
    onProblem: (message) => console.error(`signalbox: ${message}`),
  });
  noteAgentProcess(join(root, recorder.sessionId), process.ppid);
  const server = spawn(program!, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { TRACEPARENT: recorder.traceparent, ...env },
  });
  const toServer = new LineSplitter((line) =>
    hear(line, (message) => recorder.fromClient(message)),
  );
  const toClient = new LineSplitter((line) =>
    hear(line, (message) => recorder.fromServer(message)),
  );
  process.stdin.on('data', (chunk: Buffer) => toServer.push(chunk));
  process.stdin.pipe(server.stdin);
  server.stdout.on('data', (chunk: Buffer) => toClient.push(chunk));
  server.stdout.pipe(process.stdout);
  // A server that has gone is told of by its exit.
  server.stdin.on('error', () => undefined);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => server.kill(signal));
  const reason = await new Promise<string>((resolve) => {
    server.on('error', (error) => {
      console.error(`signalbox: ${program} cannot be started: ${error.message}`);
      process.exitCode = 2;
      resolve('not started');
    });
    server.on('close', (code, signal) => {
      process.exitCode = code ?? 1;
      resolve(signal === null ? `exit ${code}` : signal);
    });
  });
  recorder.end(reason);
  // The client may keep its end open.
  process.stdin.destroy();
}

type Message = NonNullable<ReturnType<typeof parseMessage>>;

function hear(line: string, tell: (message: Message) => void): void {
  const message = parseMessage(line);
  if (message !== undefined && message !== null) tell(message);
}

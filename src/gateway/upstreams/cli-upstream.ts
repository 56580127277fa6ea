import { spawn, type ChildProcess } from 'node:child_process';

import { AppError, messageOf } from '../../errors.ts';
import type { CliToolConfig } from '../gateway-file.ts';
import type { JsonObject, ToolResult } from '../tool-call.ts';
import { formatTraceparent } from '../trace-context.ts';
import type { ForwardOptions, Upstream, UpstreamTool } from './upstream.ts';

/** What a command line that asks for no shell has no use for, and one that hands it to a shell would be broken by. */
const META = /[;|`\n\r\0]|&&|\$\(|\$\{/;
const ARGUMENTS_MAX = 1_000;
const ARGUMENT_CHARACTERS_MAX = 32_768;
const COMMAND = /^[A-Za-z0-9][\w:-]*(?:\.[A-Za-z0-9][\w:-]*){0,7}$/;
/** After the request to stop. */
const KILL_AFTER_MS = 2_000;
const TIMEOUT_MS = 30_000;
/** As a web server answers what it understood and could not do. */
const EXIT_NOT_ZERO = 422;
/** The tool that is the program itself, without a subcommand. */
const BARE = 'run';

const INPUT_SCHEMA = {
  type: 'object',
  properties: {
    args: {
      type: 'array',
      items: { type: 'string' },
      description: 'Arguments after the subcommand.',
    },
    flags: {
      type: 'object',
      additionalProperties: { type: ['string', 'number', 'boolean'] },
      description: 'Flags by name; true for one without a value.',
    },
  },
  additionalProperties: false,
} as const satisfies JsonObject;

type Command = CliToolConfig['commands'][string];

export interface CliEnvironment {
  readonly PATH?: string | undefined;
  readonly HOME?: string | undefined;
}

/** A program whose subcommands are tools. It is started without a shell and with an environment of its own. */
export function createCliUpstream(config: CliToolConfig, environment: CliEnvironment): Upstream {
  const running = new Set<ChildProcess>();
  const commandOf = (name: string): Command | undefined => {
    if (Object.hasOwn(config.commands, name)) return config.commands[name];
    if (name === BARE && config.bare) return { timeout: TIMEOUT_MS };
    return config.strict || !COMMAND.test(name) ? undefined : { timeout: TIMEOUT_MS };
  };
  const toolOf = (name: string): UpstreamTool => ({
    name,
    description: `Runs ${[config.bin, ...subcommandsOf(name, config)].join(' ')}.`,
    inputSchema: INPUT_SCHEMA,
  });
  const declared = [...Object.keys(config.commands), ...(config.bare ? [BARE] : [])].map(toolOf);
  return {
    name: config.name,
    prefix: `${config.name}.`,
    defaultAction: config.default_action,
    tools: () => declared,
    resolve: (name) => (commandOf(name) === undefined ? undefined : toolOf(name)),
    async call(name, params, options) {
      const command = commandOf(name);
      if (command === undefined) {
        throw new AppError('VALIDATION_ERROR', `${config.name} has no command ${name}`);
      }
      const args = [...subcommandsOf(name, config), ...argumentsOf(params, command)];
      const child = start(config, args, { environment, trace: options.trace });
      running.add(child);
      return collect(child, config, { timeoutMs: command.timeout, signal: options.signal }).finally(
        () => running.delete(child),
      );
    },
    status: () => ({
      name: config.name,
      kind: 'cli',
      transport: 'process',
      state: 'ready',
      tools: declared.length,
      error: '',
    }),
    onToolsChanged: () => undefined,
    async close() {
      for (const child of running) kill(child, 'SIGKILL');
    },
  };
}

/** `pr.list` is two words; a declared name with a dot in it as well. */
function subcommandsOf(name: string, { bare }: CliToolConfig): string[] {
  return name === BARE && bare ? [] : name.split('.');
}

function argumentsOf(params: JsonObject, { allowed_args: allowed }: Command): string[] {
  const { args = [], flags = {}, ...others } = params;
  const strange = Object.keys(others);
  if (strange.length > 0) {
    throw refused(`it takes args and flags, not ${strange.slice(0, 5).join(', ')}`);
  }
  if (!Array.isArray(args)) throw refused('args must be a list');
  if (typeof flags !== 'object' || flags === null || Array.isArray(flags)) {
    throw refused('flags must be an object');
  }
  const all = [...args.map(textOf), ...Object.entries(flags).flatMap(flagOf)];
  if (all.length > ARGUMENTS_MAX) throw refused(`there are more than ${ARGUMENTS_MAX} arguments`);
  for (const argument of all) {
    if (argument.length > ARGUMENT_CHARACTERS_MAX) throw refused('an argument is too long');
    const meta = META.exec(argument);
    if (meta !== null) throw refused(`an argument contains ${JSON.stringify(meta[0])}`);
    const flag = argument.split('=')[0]!;
    if (flag.startsWith('-') && allowed !== undefined && !allowed.includes(flag)) {
      throw refused(`the flag ${flag} is not among those allowed: ${allowed.join(', ') || 'none'}`);
    }
  }
  return all;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw refused('an argument must be text, a number, true or false');
}

function flagOf([name, value]: [string, unknown]): string[] {
  const flag = name.length === 1 ? `-${name}` : `--${name}`;
  if (value === true) return [flag];
  if (value === false) return [];
  return [flag, textOf(value)];
}

const refused = (why: string): AppError =>
  new AppError('VALIDATION_ERROR', `the arguments are refused: ${why}`);

function start(
  config: CliToolConfig,
  args: readonly string[],
  about: { readonly environment: CliEnvironment; readonly trace: ForwardOptions['trace'] },
): ChildProcess {
  const { PATH, HOME } = about.environment;
  return spawn(config.bin, args, {
    cwd: config.working_dir,
    env: {
      ...(PATH === undefined ? {} : { PATH }),
      ...(HOME === undefined ? {} : { HOME }),
      LANG: 'en_US.UTF-8',
      TRACEPARENT: formatTraceparent(about.trace),
      ...config.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: false,
    // A group of its own, so that what it starts ends with it.
    detached: true,
  });
}

function collect(
  child: ChildProcess,
  { output_bytes_max: bytesMax }: CliToolConfig,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ToolResult> {
  const [stdout, stderr] = [gather(child.stdout!, bytesMax), gather(child.stderr!, bytesMax)];
  return new Promise((resolve, reject) => {
    let why = '';
    const stop = (reason: string): void => {
      why ||= reason;
      kill(child, 'SIGTERM');
      setTimeout(() => {
        kill(child, 'SIGKILL');
        // What has left the group may hold the pipes open for as long as it likes, and with them the call.
        child.stdout!.destroy();
        child.stderr!.destroy();
      }, KILL_AFTER_MS).unref();
    };
    const timer = setTimeout(() => stop(`it took longer than ${timeoutMs} ms`), timeoutMs);
    const onAbort = (): void => stop('the caller has gone');
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const settle = (work: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      work();
    };
    child.on('error', (error) => settle(() => reject(failed(messageOf(error)))));
    child.on('close', (code, signalName) =>
      settle(() => {
        if (why !== '') return reject(failed(why));
        const exitCode = code ?? 128;
        const cut = stdout.isCut() || stderr.isCut();
        return resolve({
          value: {
            stdout: stdout.text(),
            stderr: stderr.text(),
            exit_code: exitCode,
            ...(cut ? { truncated: true } : {}),
            ...(signalName === null ? {} : { signal: signalName }),
          },
          statusCode: exitCode === 0 ? 200 : EXIT_NOT_ZERO,
          failed: exitCode !== 0,
          exitCode,
        });
      }),
    );
  });
}

const failed = (why: string): AppError =>
  new AppError('UPSTREAM_FAILED', `the program failed: ${why}`);

/** Keeps the beginning of what a stream gives, and reads the rest away so that the program does not stand still. */
function gather(stream: NodeJS.ReadableStream, bytesMax: number) {
  const chunks: Buffer[] = [];
  let [kept, cut] = [0, false];
  stream.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, bytesMax - kept);
    cut ||= part.length < chunk.length;
    kept += part.length;
    if (part.length > 0) chunks.push(part);
  });
  return { text: () => Buffer.concat(chunks).toString('utf8'), isCut: () => cut };
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
}

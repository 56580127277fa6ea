import { Command, CommanderError, InvalidArgumentError } from 'commander';

import { reportFailure } from './failure.ts';
import { count, webAddress } from './flag-values.ts';
import { addGatewayVerbs } from './gateway-verbs.ts';
import { addPlatformVerbs } from './platform-verbs.ts';
import type { Environment } from './session-place.ts';
import { addSessionVerbs } from './session-verbs.ts';
import { productVersion } from './version.ts';

const EXIT_BAD_USE = 2;
const PORT_MAX = 65_535;

/** A gRPC address, or `off`. */
function addressOrOff(value: string): string {
  return value === 'off' ? value : address(value);
}

function address(value: string): string {
  const port = /^(?:\[[0-9a-fA-F:]+\]|[^\s:/]+):(\d{1,5})$/.exec(value)?.[1];
  if (port === undefined || Number(port) > PORT_MAX) {
    throw new InvalidArgumentError('Give HOST:PORT, for example 127.0.0.1:4318.');
  }
  return value;
}

function positive(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number <= 6000)) {
    throw new InvalidArgumentError('Give a number above 0 and up to 6000.');
  }
  return number;
}

function wholeNumber(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError('Give a whole number.');
  return Number(value);
}

/** The command line. Each verb's code is loaded when it is called, so that no verb waits for another's. */
function createProgram(env: Environment): Command {
  const program = new Command('signalbox')
    .description('Sees and steers every AI agent that a team runs.')
    .version(productVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('Run `signalbox --help` for the verbs, `signalbox VERB --help` for one.')
    .exitOverride();

  program
    .command('serve')
    .description('start the server: telemetry in, registry, API and web pages')
    .option('--data-dir <dir>', 'where everything is kept (default ~/.signalbox)')
    .option('--http <host:port>', 'OTLP/HTTP, API and web pages (default 127.0.0.1:4318)', address)
    .option('--grpc <host:port>', 'OTLP/gRPC, or off (default 127.0.0.1:4317)', addressOrOff)
    .option('--config <file>', 'a YAML file with settings (default signalbox.yaml if there is one)')
    .option('--gateway <file>', 'also run a gateway for tool calls, as the file says')
    .option('--demo', 'also send the traffic of a few made-up agents')
    .option('--sign-in-link', 'print a new link that signs the administrator in once')
    .action(async (flags) => (await import('./serve.ts')).serve(flags));

  program
    .command('demo')
    .description('send the traffic of a few made-up agents to a running server')
    .option('--url <url>', 'address of the server', webAddress, 'http://127.0.0.1:4318')
    .option('--key <key>', 'ingest key (a server on this machine needs none)')
    .option('--rate <runs>', 'agent runs per minute, after the history (default 2)', positive)
    .option('--days <n>', 'days of history (default 8; 0 for an hour)', count(60, 0))
    .option('--once', 'send the history alone, then stop')
    .option('--seed <number>', 'repeat the same runs again', wholeNumber)
    .action(async (flags) => (await import('./demo.ts')).demo(flags));

  addGatewayVerbs(program);
  addPlatformVerbs(program);

  program
    .command('version')
    .description('print the version of Signalbox and of what it runs on')
    .option('--json', 'as JSON')
    .action(async (flags) => (await import('./version.ts')).version(flags));

  addSessionVerbs(program, env);
  return program;
}

/** Commander would answer `no-such-verb --help` with the help of all verbs and no error. */
function isUnknownVerb(program: Command, word: string | undefined): boolean {
  if (word === undefined || word.startsWith('-') || word === 'help') return false;
  return program.commands.every((command) => command.name() !== word);
}

/**
 * Runs one command line (without node and script) and leaves the exit code in `process.exitCode`. Verbs that have no
 * settings of the server read what they need from `env`.
 */
export async function main(argv: readonly string[], env: Environment): Promise<void> {
  try {
    const program = createProgram(env);
    await program.parseAsync(isUnknownVerb(program, argv[0]) ? argv.slice(0, 1) : argv, {
      from: 'user',
    });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed its message; asking for help or the version is no failure.
      process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_USE;
      return;
    }
    process.exitCode = reportFailure(error);
  }
}

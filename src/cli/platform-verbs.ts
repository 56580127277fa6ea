import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';

const LINES_MAX = 100_000;

function lineCount(value: string): number {
  const count = Number(value);
  if (!/^\d+$/.test(value) || count > LINES_MAX) {
    throw new InvalidArgumentError(`Give a whole number up to ${LINES_MAX}.`);
  }
  return count;
}

/** `signalbox platform …`. */
export function addPlatformVerbs(program: Command): void {
  const platform = program
    .command('platform')
    .description('run declared agents and channels with telemetry switched on');
  const verb = (name: string, description: string): Command =>
    platform
      .command(name)
      .description(description)
      .option('--file <path>', 'the declaration, or the folder of signalbox.platform.ts', '.')
      .option('--state-dir <dir>', 'where state, logs and data are (default .signalbox beside it)');
  const transport = (): Option =>
    new Option(
      '--transport <transport>',
      'reach every agent this way, whatever is declared',
    ).choices(['http', 'nats']);
  const provider = (): Option =>
    new Option('--provider <provider>', 'where it runs: processes of this machine, or containers')
      .choices(['local', 'docker'])
      .default('local');

  verb('plan', 'show what `up` would start and change')
    .addOption(transport())
    .addOption(provider())
    .option('--json', 'as JSON')
    .action(async (flags) => (await import('./platform.ts')).plan(flags));

  verb('up', 'start everything and keep it running until a signal comes')
    .addOption(transport())
    .addOption(provider())
    .option('--detach', 'return once all is ready; `down` stops it')
    .option('--quiet', 'do not repeat what the processes write')
    .option('--output <file>', 'where the docker provider writes', 'compose.yaml')
    .action(async (flags) => (await import('./platform.ts')).up(flags));

  verb('down', 'stop everything, also what a killed `up` left behind').action(async (flags) =>
    (await import('./platform-down.ts')).down(flags),
  );

  verb('status', 'show each process; exit 1 when one does not run')
    .option('--json', 'as JSON')
    .action(async (flags) => (await import('./platform-status.ts')).status(flags));

  verb('logs', 'show what the processes wrote')
    .argument('[processes...]', 'names of processes; all unless named')
    .option('--lines <count>', 'how many of the last lines', lineCount, 100)
    .option('--follow', 'go on with what comes')
    .action(async (names: string[], flags) =>
      (await import('./platform-logs.ts')).logs(names, flags),
    );
}

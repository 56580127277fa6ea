import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

import { ROOT } from '../harness/build.ts';
import { finish } from '../harness/process.ts';
import type { Finished, RunOptions } from '../harness/process.ts';

const HERE = import.meta.dirname;
const CACHE = path.join(ROOT, 'node_modules', '.cache', 'signalbox-interop');
const PYTHON_HOME = path.join(CACHE, 'python');
const GO_BIN = path.join(CACHE, 'go');

/** Where this folder keeps the programs that are sent through the product. */
export const PYTHON_SOURCES = path.join(HERE, 'python');

/** Runs a program to its end and throws, with all that it said, when it fails. */
export async function must(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const result = await finish(command, args, options).catch((cause: unknown) => {
    throw new Error(
      `${command} does not run on this machine; .ci/run installs it. ${String(cause)}`,
      { cause },
    );
  });
  if (result.code !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} exited ${result.code}\n${result.stdout}\n${result.stderr}`,
    );
  }
  return result;
}

/** Python with the pinned OpenTelemetry packages, in an environment of its own; returns its executable. */
export async function installPython(): Promise<string> {
  const python = path.join(PYTHON_HOME, 'bin', 'python');
  const requirements = path.join(PYTHON_SOURCES, 'requirements.txt');
  if (!existsSync(python)) {
    rmSync(PYTHON_HOME, { recursive: true, force: true });
    await must('python3', ['-m', 'venv', PYTHON_HOME]);
  }
  await must(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--requirement',
    requirements,
  ]);
  return python;
}

export interface GoPrograms {
  /** The stock exporters: test/interop/go/main.go. */
  readonly stock: string;
  /** OpenTelemetry's load generator. */
  readonly telemetrygen: string;
}

/** Builds the Go programs at the versions that go.mod pins. */
export async function installGo(): Promise<GoPrograms> {
  mkdirSync(GO_BIN, { recursive: true });
  const cwd = path.join(HERE, 'go');
  const [stock, telemetrygen] = [path.join(GO_BIN, 'stock'), path.join(GO_BIN, 'telemetrygen')];
  await must('go', ['build', '-o', stock, '.'], { cwd });
  const generator = /^tool (\S+telemetrygen)$/m.exec(
    readFileSync(path.join(cwd, 'go.mod'), 'utf8'),
  )![1]!;
  await must('go', ['build', '-o', telemetrygen, generator], { cwd });
  return { stock, telemetrygen };
}

/** A sample from somebody's documentation, word for word but for the replacements, each of which must apply. */
export function readSample(
  file: string,
  replacements: readonly (readonly [string, string])[],
): string {
  let text = readFileSync(path.join(PYTHON_SOURCES, file), 'utf8');
  for (const [printed, used] of replacements) {
    if (!text.includes(printed)) throw new Error(`${file} does not contain ${printed}`);
    text = text.replace(printed, used);
  }
  return text;
}

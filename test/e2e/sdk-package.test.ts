import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { buildProduct, ROOT } from '../harness/build.ts';
import { finish } from '../harness/process.ts';
import { temporaryFolder } from '../harness/server.ts';

const SDK = path.join(ROOT, 'sdk');
const TSC = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/** What a user would write, in either module format; `AnyStream` is there for the types alone. */
const PROGRAM = `
async function main(): Promise<void> {
  const telemetry = initTelemetry({ agent: 'billing', endpoint: 'http://127.0.0.1:9' });
  const text: string = await withAgent({ name: 'billing', conversationId: 'c-1' }, async () => {
    const amount: number = withTool({ name: 'add' }, () => 1 + 1);
    const answer = await withModelCall({ model: 'm', provider: 'openai' }, async (call) => {
      call.note({ usage: { input: 3, output: 1 } });
      return { text: String(amount) };
    });
    return answer.text;
  });
  const sent = injectEnvelope({ jsonrpc: '2.0', method: 'tasks/send', params: { id: 1 } });
  const id: number = sent.params.id;
  console.log(telemetry.kind, telemetry.serviceName, text, id);
}
void main().then(() => process.exit(0));
declare const process: { exit(code: number): void };
declare const console: { log(...values: unknown[]): void };
`;
const NAMES = '{ initTelemetry, injectEnvelope, withAgent, withModelCall, withTool }';

let folder: string;
beforeAll(async () => {
  buildProduct();
  folder = await temporaryFolder();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { code, stderr, stdout } = await finish('npm', args, { cwd });
  if (code !== 0) throw new Error(`npm ${args.join(' ')} exited ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(path.join(folder, file), text);
}

/** Imports of every entry for a library, whose types must hold where the library is not installed. */
async function integrations(): Promise<string> {
  const text = await readFile(path.join(SDK, 'package.json'), 'utf8');
  const { exports } = JSON.parse(text) as { exports: Record<string, unknown> };
  const names = Object.keys(exports)
    .filter((name) => !['.', './register', './package.json'].includes(name))
    .map((name) => name.slice(2));
  expect(names.length).toBeGreaterThan(8);
  const lines = names.map((name, at) => `import * as entry${at} from '@signalbox/sdk/${name}';`);
  return [
    ...lines,
    `export const entries = [${names.map((_, at) => `entry${at}`).join(', ')}];`,
  ].join('\n');
}

test('the packed SDK compiles and runs in an empty project, as ES modules and as CommonJS', async () => {
  const [packed] = JSON.parse(await npm(SDK, 'pack', '--json', '--pack-destination', folder)) as {
    filename: string;
    files: { path: string }[];
  }[];
  const files = packed!.files.map((file) => file.path);
  expect(files.filter((file) => /\.test\.|^src\/|testing/.test(file))).toEqual([]);
  expect(files).toEqual(expect.arrayContaining(['README.md', 'dist/telemetry-pipeline.cjs']));

  await write('package.json', '{"name":"somewhere-else","private":true}\n');
  await npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', packed!.filename);
  const source = `import ${NAMES} from '@signalbox/sdk';\n${await integrations()}\n${PROGRAM}`;
  await write('modules.mts', source);
  await write('common.cts', source);
  const compilerOptions = {
    module: 'node16',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    types: [],
    noEmitOnError: true,
  };
  await write('tsconfig.json', JSON.stringify({ compilerOptions }));
  const compiled = await finish(process.execPath, [TSC, '-p', folder]);
  expect([compiled.stdout, compiled.code]).toEqual(['', 0]);

  for (const program of ['modules.mjs', 'common.cjs']) {
    const { code, stdout } = await finish(process.execPath, [path.join(folder, program)]);
    expect([program, code, stdout]).toEqual([program, 0, 'on signalbox-billing 2 1\n']);
  }
});

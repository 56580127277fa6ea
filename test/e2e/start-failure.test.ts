import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { buildProduct, ROOT } from '../harness/build.ts';
import type { Finished } from '../harness/process.ts';
import { finish } from '../harness/process.ts';
import { freePort, startServer } from '../harness/server.ts';

let directory: string;
let taken: Server;
let takenAddress: string;
beforeAll(async () => {
  buildProduct();
  directory = await mkdtemp(path.join(tmpdir(), 'signalbox-start-'));
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  takenAddress = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
});
afterAll(async () => {
  taken.close();
  await rm(directory, { recursive: true, force: true });
});

let starts = 0;
/** Starts a server that is expected to fail, and to end by itself. */
async function fail(args: readonly string[], dataDir?: string): Promise<Finished> {
  const flags: Record<string, string> = {
    '--data-dir': dataDir ?? path.join(directory, `data-${starts++}`),
    '--http': `127.0.0.1:${await freePort()}`,
    '--grpc': 'off',
  };
  for (let at = 0; at < args.length; at += 2) flags[args[at]!] = args[at + 1]!;
  const command = [
    path.join(ROOT, 'bin', 'signalbox.js'),
    'serve',
    ...Object.entries(flags).flat(),
  ];
  return await finish(process.execPath, command);
}

test.each(['--http', '--grpc'])(
  'a %s address in use ends the start with a sentence and a remedy',
  async (flag) => {
    const { code, stdout, stderr } = await fail([flag, takenAddress]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: [^\n]+ \(ADDRESS_IN_USE\)\n$/);
    expect(stderr).toContain(`error: cannot listen on ${takenAddress}`);
    expect(stderr).toContain(`choose another with ${flag} HOST:PORT`);
  },
);

test('a start that failed leaves the data directory free, and the first start its secrets', async () => {
  const dataDir = path.join(directory, 'again');
  expect((await fail(['--grpc', takenAddress], dataDir)).code).toBe(2);
  const server = await startServer({ dataDir });
  expect(server.ingestKey).toMatch(/^sbx_/);
  const second = await fail([], dataDir);
  expect({ code: second.code, stdout: second.stdout }).toEqual({ code: 2, stdout: '' });
  expect(second.stderr).toBe(
    `error: another Signalbox runs on the data directory ${dataDir}; stop it, or choose another --data-dir (DATA_DIRECTORY_LOCKED)\n`,
  );
  // The one that runs has not noticed.
  expect((await server.api('GET', '/api/v1/agents')).status).toBe(200);
  await server.dispose();
});

test('a configuration that cannot be read, or is not valid, is told with every fault', async () => {
  const file = path.join(directory, 'bad.yaml');
  await writeFile(file, 'htpp: 1\nstorage:\n  readers: none\n');
  const { code, stderr } = await fail(['--config', file]);
  expect(code).toBe(2);
  expect(stderr).toContain('"htpp"');
  expect(stderr).toContain('storage.readers');
  const missing = await fail(['--config', path.join(directory, 'missing.yaml')]);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('cannot read the configuration file');
});

test('a data directory that cannot be made is told, and what to do', async () => {
  const file = path.join(directory, 'a-file');
  await writeFile(file, '');
  await chmod(file, 0o600);
  const { code, stderr } = await fail([], path.join(file, 'data'));
  expect(code).toBe(2);
  expect(stderr).toContain(path.join(file, 'data'));
});

test.runIf(process.platform === 'linux').each(['/proc/signalbox/data', '/sys/signalbox'])(
  'the data directory %s, where nothing can be made, is told rather than tried for ever',
  async (dataDir) => {
    const { code, stdout, stderr } = await fail([], dataDir);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: E\w+: [^\n]+ Choose a data directory [^\n]+\n$/);
  },
);

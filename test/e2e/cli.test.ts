import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { buildProduct, ROOT } from '../harness/build.ts';
import { eventually } from '../harness/eventually.ts';
import { finish } from '../harness/process.ts';
import type { Finished } from '../harness/process.ts';
import { freePort, startServer, temporaryFolder } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';

const COMMAND = path.join(ROOT, 'bin', 'signalbox.js');

async function signalbox(...args: string[]): Promise<Finished> {
  return await finish(process.execPath, [COMMAND, ...args]);
}

beforeAll(buildProduct);

describe('the command line', () => {
  test('prints its version as text and as JSON', async () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await signalbox('--version')).toEqual({
      code: 0,
      signal: null,
      stdout: `${version}\n`,
      stderr: '',
    });
    const { code, stdout } = await signalbox('version', '--json');
    expect({ code, facts: JSON.parse(stdout) as unknown }).toEqual({
      code: 0,
      facts: {
        signalbox: version,
        node: process.versions.node,
        platform: `${process.platform}-${process.arch}`,
      },
    });
  });

  test('prints help on standard output and exits 0', async () => {
    const { code, stderr, stdout } = await signalbox('serve', '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const option of ['--data-dir', '--http', '--grpc', '--config', '--demo', '--sign-in-link'])
      expect(stdout).toContain(option);
  });

  test.each([
    [['fly'], "error: unknown command 'fly'"],
    [['serve', '--colour'], "error: unknown option '--colour'"],
    [['serve', '--http', '4318'], 'Give HOST:PORT, for example 127.0.0.1:4318.'],
    [['serve', '--http', '127.0.0.1:99999'], 'Give HOST:PORT, for example 127.0.0.1:4318.'],
    [['fly', '--help'], "error: unknown command 'fly'"],
    [['demo', '--url', 'ftp://here'], 'Give an address such as http://127.0.0.1:4318.'],
    [['demo', '--rate', 'fast'], 'Give a number above 0 and up to 6000.'],
  ])('refuses %j with exit code 2 and a reason', async (args, reason) => {
    const { code, stderr, stdout } = await signalbox(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(reason);
  });

  test('tells where to start a server when the demo finds none', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, stderr, stdout } = await signalbox('demo', '--once', '--url', url);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`No Signalbox answers at ${url}`);
    expect(stderr).toContain('signalbox serve');
  });

  test('writes no colours when its output is no terminal', async () => {
    const { stderr } = await signalbox('demo', '--once', '--url', 'http://127.0.0.1:1');
    expect(stderr).not.toContain('\u001B[');
  });
});

describe('a data directory', () => {
  test('that is a file is named with the remedy, and without a stack', async () => {
    const file = path.join(await temporaryFolder(), 'taken');
    writeFileSync(file, '');
    const { code, stderr, stdout } = await signalbox('serve', '--data-dir', file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      `error: EEXIST: file already exists, mkdir '${file}'. A file is in the way; choose a folder with --data-dir.\n`,
    );
  });
});

describe('a settings file', () => {
  test('that does not exist is named', async () => {
    const file = path.join(await temporaryFolder(), 'absent.yaml');
    const { code, stderr } = await signalbox('serve', '--config', file);
    expect(code).toBe(2);
    expect(stderr).toContain(file);
  });
});

describe('beside a running server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => {
    await server?.dispose();
  });

  test('a second one on the same address names it and the remedy', async () => {
    const { host } = new URL(server.url);
    const dataDir = await temporaryFolder();
    const grpc = `127.0.0.1:${await freePort()}`;
    const { code, stderr, stdout } = await signalbox(
      'serve',
      '--data-dir',
      dataDir,
      '--http',
      host,
      '--grpc',
      grpc,
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(host);
    expect(stderr).toContain('--http');

    // The start that succeeds is the one that tells the secrets.
    const next = await startServer({ dataDir, env: { SIGNALBOX_ADMIN_PASSWORD: undefined } });
    expect(next.stdout()).toMatch(/Sign in .*\n.*Ingest key .*\n.*Admin password /);
    await next.dispose();
  });

  test('a second one on the same data names the folder and the remedy', async () => {
    const [http, grpc] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    const { code, stderr, stdout } = await signalbox(
      'serve',
      '--data-dir',
      server.dataDir,
      '--http',
      http,
      '--grpc',
      grpc,
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(server.dataDir);
    expect(stderr).toContain('--data-dir');
  });

  test('the demo fills it with agents that wait for review', async () => {
    const { code, stdout, stderr } = await signalbox(
      'demo',
      '--once',
      '--seed',
      '7',
      '--url',
      server.url,
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^Sent 2090 runs of the past 8 days \(\d+ spans\)/);
    const agents = await eventually('the agents of the demo', async () => {
      const { body } = await server.api('GET', '/api/v1/agents?limit=100');
      const found = body.data as { name: string; status: string }[];
      return found.length >= 10 ? found : undefined;
    });
    expect(Object.fromEntries(agents.map(({ name, status }) => [name, status]))).toEqual({
      'claude-code': 'UNREVIEWED',
      'contract-reviewer': 'UNREVIEWED',
      'invoice-processor': 'UNREVIEWED',
      'market-researcher': 'UNREVIEWED',
      'nightly-summarizer': 'UNREVIEWED',
      'refund-specialist': 'UNREVIEWED',
      'report-writer': 'UNREVIEWED',
      'support-desk': 'UNREVIEWED',
      'trip-planner': 'UNREVIEWED',
      'web-scout': 'UNREVIEWED',
    });
  });

  test('the demo says what to do about a wrong key', async () => {
    const { code, stderr } = await signalbox(
      'demo',
      '--once',
      '--url',
      server.url,
      '--key',
      'sbx_wrong',
    );
    expect(code).toBe(2);
    expect(stderr).toContain('refuses the key (401)');
  });
});

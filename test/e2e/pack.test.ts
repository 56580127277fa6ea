import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { buildProduct, ROOT } from '../harness/build.ts';
import { finish } from '../harness/process.ts';
import { startServer, temporaryFolder } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';

const INSTALL_TIMEOUT_MS = 600_000;

let folder: string;
let server: TestServer | undefined;

beforeAll(async () => {
  buildProduct();
  folder = await temporaryFolder();
});
afterAll(async () => {
  await server?.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function npm(...args: string[]): Promise<string> {
  const { code, stderr, stdout } = await finish('npm', args, {
    cwd: args[0] === 'pack' ? ROOT : folder,
  });
  if (code !== 0) throw new Error(`npm ${args.join(' ')} exited ${code}\n${stdout}\n${stderr}`);
  return stdout;
}

test(
  'the packed product runs from an empty folder',
  async () => {
    const [packed] = JSON.parse(await npm('pack', '--json', '--pack-destination', folder)) as {
      filename: string;
      files: { path: string }[];
    }[];
    const files = packed!.files.map((file) => file.path);
    // Of the sources, users import the types of a declaration alone.
    expect(
      files.filter((file) => /\.test\.|\.ts$|^(src|test|bench|scripts|web)\//.test(file)),
    ).toEqual(['dist/platform/declaration.d.ts']);
    expect(files).toEqual(
      expect.arrayContaining([
        'bin/signalbox.js',
        'dist/cli/main.js',
        'dist/web/index.html',
        'NOTICE',
        'LICENSE',
      ]),
    );
    expect(files.some((file) => /^dist\/storage\/clickhouse\/sql\/.*\.sql$/.test(file))).toBe(true);

    await writeFile(
      path.join(folder, 'package.json'),
      '{"name":"somewhere-else","private":true}\n',
    );
    await npm('install', '--prefer-offline', '--no-audit', '--no-fund', `./${packed!.filename}`);
    expect(await readdir(path.join(folder, 'node_modules', '.bin'))).toContain('signalbox');

    const declaration = `import { definePlatform, type PlatformDeclaration } from 'signalbox/platform';
      const platform: PlatformDeclaration = { name: 'packed', agents: { one: { run: './one.ts' } } };
      export default definePlatform(platform);`;
    await writeFile(path.join(folder, 'signalbox.platform.mts'), declaration);
    const checked = await finish(
      process.execPath,
      [
        path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
        '--ignoreConfig',
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        'signalbox.platform.mts',
      ],
      { cwd: folder },
    );
    expect(checked).toMatchObject({ code: 0, stdout: '' });
    const planned = await finish('npx', ['--no-install', 'signalbox', 'platform', 'plan'], {
      cwd: folder,
    });
    expect(planned).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('signalbox-one') as unknown,
    });

    server = await startServer({
      command: ['npx', '--no-install', 'signalbox', 'serve'],
      cwd: folder,
    });
    expect((await fetch(`${server.url}/`)).headers.get('content-type')).toContain('text/html');
    expect((await server.api('GET', '/api/v1/agents')).body).toMatchObject({
      success: true,
      data: [],
    });
    // npx itself ends by the signal; that its output ends too says that the server went with it.
    expect(await server.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(server.stderr()).toContain('Stopping');
    await expect(fetch(`${server.url}/health`)).rejects.toThrow('fetch failed');
  },
  INSTALL_TIMEOUT_MS,
);

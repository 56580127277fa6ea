import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { ROOT } from '../harness/build.ts';
import { eventually } from '../harness/eventually.ts';
import { finish, run } from '../harness/process.ts';
import type { Running } from '../harness/process.ts';
import { temporaryFolder } from '../harness/server.ts';

const NEEDED = [
  'LICENSE',
  'NOTICE',
  'bin',
  'scripts',
  'sdk',
  'src',
  'web',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

let checkout: string;
beforeAll(async () => {
  checkout = path.join(await temporaryFolder(), 'checkout');
  await mkdir(checkout);
  for (const name of NEEDED)
    await cp(path.join(ROOT, name), path.join(checkout, name), { recursive: true });
  await symlink(path.join(ROOT, 'node_modules'), path.join(checkout, 'node_modules'));
});
afterAll(async () => {
  await rm(path.dirname(checkout), { recursive: true, force: true });
});

/** Runs the build; what it says without the times. */
async function build(): Promise<{ code: number | null; said: string[] }> {
  const { code, stderr } = await finish(process.execPath, [
    path.join(checkout, 'scripts', 'build.js'),
  ]);
  return { code, said: stderr.split('\n').filter((line) => line.endsWith('…')) };
}

const built = (file: string): boolean => existsSync(path.join(checkout, 'dist', file));

test('builds what is stale, only that, and drops what is gone', async () => {
  const extra = path.join(checkout, 'src', 'base', 'extra.ts');
  await writeFile(extra, 'export const extra = 1;\n');
  expect(await build()).toEqual({
    code: 0,
    said: ['Building the server …', 'Building the web …', 'Building the sdk …'],
  });
  expect([
    built('base/extra.js'),
    built('web/index.html'),
    built('errors.js'),
    built('errors.test.js'),
  ]).toEqual([true, true, true, false]);

  expect(await build()).toEqual({ code: 0, said: [] });

  await rm(extra);
  expect(await build()).toEqual({ code: 0, said: ['Building the server …'] });
  expect(built('base/extra.js')).toBe(false);

  await appendFile(path.join(checkout, 'web', 'index.html'), '<!-- changed -->\n');
  expect(await build()).toEqual({ code: 0, said: ['Building the web …'] });

  for (const file of ['cli/main.js', 'main.js', 'ingest-thread.js']) {
    await rm(path.join(checkout, 'dist', file));
    expect(await build()).toEqual({ code: 0, said: ['Building the server …'] });
    expect(built(file)).toBe(true);
  }
  await rm(path.join(checkout, 'dist', 'web', 'assets'), { recursive: true });
  expect(await build()).toEqual({ code: 0, said: ['Building the web …'] });
});

test('says that a source does not compile, and builds again once it does', async () => {
  const broken = path.join(checkout, 'src', 'base', 'broken.ts');
  await writeFile(broken, 'export const broken: number = "text";\n');
  expect(await build()).toEqual({ code: 2, said: ['Building the server …'] });
  await writeFile(broken, 'export const broken: number = 1;\n');
  expect(await build()).toEqual({ code: 0, said: ['Building the server …'] });
});

test('a lock left behind by a killed build is taken over', async () => {
  const dead = await finish(process.execPath, ['-e', 'console.log(process.pid)']);
  await writeFile(path.join(checkout, 'dist', '.build-lock'), dead.stdout.trim());
  await appendFile(path.join(checkout, 'web', 'index.html'), '<!-- changed again -->\n');
  expect(await build()).toEqual({ code: 0, said: ['Building the web …'] });
  expect(built('.build-lock')).toBe(false);
});

/** Stands in for npm: notes that it began, and ends once it may. */
const NPM = `
  const fs = require('node:fs');
  fs.appendFileSync('began', process.argv[2]);
  const wait = setInterval(() => {
    if (!fs.existsSync('go')) return;
    clearInterval(wait);
    fs.mkdirSync('node_modules');
    fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
  }, 20);
`;

test('an installation that outlives the command that began it is waited for, not begun again', async () => {
  const folder = await temporaryFolder();
  const at = (name: string): string => path.join(folder, name);
  await cp(path.join(ROOT, 'scripts'), at('scripts'), { recursive: true });
  await writeFile(at('package-lock.json'), '{"packages":{"":{}}}');
  await writeFile(at('npm-cli.js'), NPM);
  const install = (): Running =>
    run(process.execPath, ['-e', "require('./scripts/setup.js').install()"], {
      cwd: folder,
      env: { npm_execpath: at('npm-cli.js') },
    });

  const first = install();
  await eventually('the installation', () => existsSync(at('began')) || undefined);
  const npm = Number(await readFile(at('dist/.install-lock'), 'utf8'));
  expect(npm).not.toBe(first.child.pid);
  first.child.kill('SIGKILL');
  const second = install();
  await eventually('the wait', () => second.stderr().includes(`process ${npm}`) || undefined);
  await writeFile(at('go'), '');

  expect(await second.exited).toEqual({ code: 0, signal: null });
  expect(await readFile(at('began'), 'utf8')).toBe('ci');
  expect(existsSync(at('node_modules/.signalbox-install'))).toBe(true);
  expect(existsSync(at('dist/.install-lock'))).toBe(false);
  await rm(folder, { recursive: true });
});

import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { ROOT } from '../harness/build.ts';
import { finish } from '../harness/process.ts';
import { temporaryFolder } from '../harness/server.ts';

const NEEDED = [
  'bin',
  'scripts',
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
  expect(await build()).toEqual({ code: 0, said: ['Building the server …', 'Building the web …'] });
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

  await rm(path.join(checkout, 'dist', 'cli', 'main.js'));
  expect(await build()).toEqual({ code: 0, said: ['Building the server …'] });
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

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..', '..');
const readme = readFileSync(path.join(ROOT, 'sdk', 'README.md'), 'utf8');

test('each of the twenty points names its tests, and they exist', () => {
  const rows = [...readme.matchAll(/^\| (\d+) \|.*\| ([^|]*) \|$/gm)].map(([, point, tests]) => ({
    point: Number(point),
    tests: [...tests!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!),
  }));
  expect(rows.map(({ point }) => point)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  expect(rows.filter(({ tests }) => tests.length === 0)).toEqual([]);
  const files = rows.flatMap(({ tests }) => tests);
  expect(files.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
});

test('every entry of the package is told of, and every variable that it reads', () => {
  const manifest = readFileSync(path.join(ROOT, 'sdk', 'package.json'), 'utf8');
  const { exports } = JSON.parse(manifest) as { exports: Record<string, unknown> };
  const entries = Object.keys(exports).filter((name) => !['.', './package.json'].includes(name));
  expect(entries.filter((name) => !readme.includes(name.slice(1)))).toEqual([]);
  const options = readFileSync(path.join(import.meta.dirname, 'telemetry-options.ts'), 'utf8');
  const variables = [...options.matchAll(/env\['(SIGNALBOX_\w+)'\]/g)].map((match) => match[1]!);
  expect(variables.length).toBeGreaterThan(4);
  expect(variables.filter((name) => !readme.includes(name))).toEqual([]);
});

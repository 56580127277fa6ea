import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { PROVIDERS } from './hook-event.ts';
import { changeHooks, countHooks } from './hook-settings.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'signalbox-hooks-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const change = (provider: (typeof PROVIDERS)[number], remove = false) =>
  changeHooks({ provider, folder, command: 'signalbox', keepSecrets: false, remove });

describe.each(PROVIDERS)('%s', (provider) => {
  test('gets hooks once, and is as before when they are removed', () => {
    const first = change(provider);
    expect(first.changed).toBe(true);
    const written = readFileSync(first.file, 'utf8');
    expect(change(provider).changed).toBe(false);
    expect(readFileSync(first.file, 'utf8')).toBe(written);
    expect(countHooks(provider, folder)).toBeGreaterThan(4);
    expect(change(provider, true).changed).toBe(true);
    expect(countHooks(provider, folder)).toBe(0);
    expect(change(provider, true).changed).toBe(false);
  });
});

const CLAUDE_SETTINGS = {
  model: 'opus',
  permissions: { allow: ['Bash(npm test)'] },
  hooks: {
    PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: './mine.sh' }] }],
    Notification: [],
  },
};

test("other people's settings and hooks stay as they are", () => {
  mkdirSync(join(folder, '.claude'));
  const file = join(folder, '.claude', 'settings.json');
  writeFileSync(file, JSON.stringify(CLAUDE_SETTINGS));
  change('claude');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as typeof CLAUDE_SETTINGS;
  expect(settings.model).toBe('opus');
  expect(settings.hooks.PreToolUse).toEqual([
    { matcher: 'Bash', hooks: [{ type: 'command', command: './mine.sh' }] },
    {
      matcher: '*',
      hooks: [
        { type: 'command', command: 'signalbox hook --provider claude pre-tool', timeout: 10 },
      ],
    },
  ]);
  change('claude', true);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(CLAUDE_SETTINGS);
});

test('a hook of ours in a group with others is taken out alone', () => {
  mkdirSync(join(folder, '.claude'));
  const file = join(folder, '.claude', 'settings.json');
  const ours = {
    type: 'command',
    command: '"/opt/node" "/x/bin/signalbox.js" hook --provider claude stop',
  };
  const theirs = { type: 'command', command: 'notify done' };
  writeFileSync(file, JSON.stringify({ hooks: { Stop: [{ hooks: [ours, theirs] }] } }));
  change('claude', true);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    hooks: { Stop: [{ hooks: [theirs] }] },
  });
});

test('a file that cannot be read is refused and left as it is', () => {
  mkdirSync(join(folder, '.cursor'));
  const file = join(folder, '.cursor', 'hooks.json');
  writeFileSync(file, '{ // mine\n');
  expect(() => change('cursor')).toThrow(`${file} cannot be read, and is left as it is`);
  expect(readFileSync(file, 'utf8')).toBe('{ // mine\n');
});

test('a link, the rights and the indentation of a file stay as they are', () => {
  mkdirSync(join(folder, '.claude'));
  mkdirSync(join(folder, 'dotfiles'));
  const kept = join(folder, 'dotfiles', 'claude.json');
  const before = `${JSON.stringify(CLAUDE_SETTINGS, null, '\t')}\n`;
  writeFileSync(kept, `\uFEFF${before}`, { mode: 0o600 });
  const link = join(folder, '.claude', 'settings.json');
  symlinkSync(kept, link);
  expect(change('claude').changed).toBe(true);
  expect(countHooks('claude', folder)).toBeGreaterThan(4);
  expect([lstatSync(link).isSymbolicLink(), statSync(kept).mode & 0o777]).toEqual([true, 0o600]);
  // Whatever a process gives its new files.
  chmodSync(kept, 0o664);
  change('claude', true);
  expect(statSync(kept).mode & 0o777).toBe(0o664);
  expect(readFileSync(kept, 'utf8')).toBe(before);
});

test.each([
  ['{ // mine\n"a": 1 }', /it holds comments or trailing commas: take them out first$/],
  ['{ "hooks": { "Stop": [], }, }', /it holds comments or trailing commas: take them out first$/],
  ['{ "hooks": [] }', /its `hooks` are not lists by event$/],
  ['{ "hooks": { "Stop": "notify" } }', /its `hooks` are not lists by event$/],
  ['', /cannot be read, and is left as it is/],
])('%s is left as it is, and why is said', (text, reason) => {
  mkdirSync(join(folder, '.gemini'));
  const file = join(folder, '.gemini', 'settings.json');
  writeFileSync(file, text);
  for (const remove of [false, true]) expect(() => change('gemini', remove)).toThrow(reason);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('a file that is read-only is not written', () => {
  mkdirSync(join(folder, '.codex'));
  const file = join(folder, '.codex', 'hooks.json');
  writeFileSync(file, '{}', { mode: 0o444 });
  expect(() => change('codex')).toThrow(/is read-only, and is left as it is/);
  expect(readFileSync(file, 'utf8')).toBe('{}');
});

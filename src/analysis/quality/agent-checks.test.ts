import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runDetailOf } from '../../../test/harness/run-detail.ts';
import type { RunDetail } from '../../model/run.ts';
import { SYSTEM_ACTOR } from '../../storage/audit-log.ts';
import type { ControlStore } from '../../storage/control-store.ts';
import { openControlStore } from '../../storage/relational/control-store.ts';
import { loadAgentChecks } from './agent-checks.ts';

const directory = mkdtempSync(join(tmpdir(), 'signalbox-checks-'));
const clock = { now: () => Date.UTC(2026, 10, 20, 12) };
let store: ControlStore;
beforeAll(async () => {
  store = await openControlStore({ kind: 'sqlite', path: join(directory, 'control.db') });
});
afterAll(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

const load = () => loadAgentChecks({ store: store.quality, clock });
const runsOf = (agent: string, count: number, output = '{"total": 5}'): RunDetail[] =>
  Array.from({ length: count }, (_, index) =>
    runDetailOf({ run: { agent, runId: index.toString(16).padStart(16, '0') }, output }),
  );

async function requiredFields(checks: Awaited<ReturnType<typeof load>>, agent: string) {
  const setting = checks
    .settingsOf('default', agent)
    .find(({ check }) => check.id === 'required_fields_present')!;
  return { enabled: setting.enabled, origin: setting.origin, fields: setting.params['fields'] };
}

const INFERRED = { enabled: true, origin: 'inferred', fields: ['total'] };
const DEFAULT = { enabled: false, origin: 'default', fields: [] };

test('what an agent does asks for checks, and is remembered over a restart', async () => {
  const checks = await load();
  await checks.learn(runsOf('reader', 19));
  expect(await requiredFields(checks, 'reader')).toEqual(DEFAULT);
  await checks.learn(runsOf('reader', 25).slice(19));
  expect(await requiredFields(checks, 'reader')).toEqual(INFERRED);
  expect(await requiredFields(checks, 'another')).toEqual(DEFAULT);

  const again = await load();
  expect(await requiredFields(again, 'reader')).toEqual(INFERRED);
  // A few runs of another kind after the restart say nothing yet.
  await again.learn(runsOf('reader', 5, 'words'));
  expect(await requiredFields(again, 'reader')).toEqual(INFERRED);
});

test('a run that is told of again counts once', async () => {
  const checks = await load();
  for (let times = 0; times < 10; times++) await checks.learn(runsOf('repeated', 10));
  expect(await requiredFields(checks, 'repeated')).toEqual(DEFAULT);
});

test('what a person decided stays when more is learned, and over a restart', async () => {
  const checks = await load();
  const overrides = [{ checkId: 'required_fields_present', enabled: false }] as const;
  await checks.setOverrides('default', 'decided', overrides, SYSTEM_ACTOR);
  await checks.learn(runsOf('decided', 30));
  const expected = { enabled: false, origin: 'override', fields: ['total'] };
  expect(await requiredFields(checks, 'decided')).toEqual(expected);
  const again = await load();
  expect(again.overridesOf('default', 'decided')).toEqual(overrides);
  expect(await requiredFields(again, 'decided')).toEqual(expected);
  await again.setOverrides('default', 'decided', [], SYSTEM_ACTOR);
  expect(await requiredFields(again, 'decided')).toEqual(INFERRED);
});

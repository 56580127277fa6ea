import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { shortWork, startRecording } from '../../test/fixtures/sessions/recorded.ts';
import type { Recording } from '../../test/fixtures/sessions/recorded.ts';
import { listSessions } from './read-session.ts';
import { checkAgainst, readBaseline, reckonBaseline, writeBaseline } from './session-baseline.ts';

let recording: Recording;
beforeEach(() => (recording = startRecording()));
afterEach(() => rmSync(recording.folder, { recursive: true }));

test('a baseline is read as it was written, and judges', () => {
  for (const id of ['a', 'b', 'c', 'd', 'e']) recording.record(id, shortWork(id));
  const sessions = listSessions({ root: recording.root });
  const baseline = reckonBaseline(sessions, 50, 0);
  writeBaseline(recording.root, baseline);
  expect(readBaseline(recording.root)).toEqual(baseline);
  expect(checkAgainst(sessions[0]!, baseline, 2).anomalous).toBe(false);
});

test.each([
  'nonsense',
  '[]',
  '{}',
  '{"metrics":null}',
  '{"metrics":[]}',
  '{"metrics":{"duration":5}}',
  '{"metrics":{"duration":{"mean":"x","standardDeviation":1,"median":1,"medianDeviation":0,"n":9}}}',
  '{"metrics":{"duration":{"mean":1,"standardDeviation":-1,"median":1,"medianDeviation":0,"n":9}}}',
  '{"metrics":{"duration":{"mean":1e999,"standardDeviation":1,"median":1,"medianDeviation":0,"n":9}}}',
])('%s is no baseline, and passes nothing', (text) => {
  recording.record('a', shortWork('a'));
  writeFileSync(join(recording.root, 'baseline.json'), text);
  expect(() => readBaseline(recording.root)).toThrow(/is no baseline; `signalbox baseline update`/);
});

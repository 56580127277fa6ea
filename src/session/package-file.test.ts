import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { shortWork, startRecording } from '../../test/fixtures/sessions/recorded.ts';
import type { Recording } from '../../test/fixtures/sessions/recorded.ts';
import { verifyPackage } from '../base/verifier.ts';
import type { Json, JsonObject } from '../base/verifier.ts';
import { createEvidencePackage } from './evidence-package.ts';
import { verifyPackageFile } from './package-file.ts';

let recording: Recording;
let made: string;
let path: string;
beforeAll(() => {
  recording = startRecording();
  path = join(mkdtempSync(join(recording.folder, 'package-')), 'package.json');
  const told = {
    type: 'user_prompt',
    data: { prompt: 'Le café est 9007199254740992 "à \\ part"' },
  };
  const sessions = [
    recording.record('a', [...shortWork('a'), told as never]),
    recording.record('b', shortWork('b')),
  ];
  const evidence = createEvidencePackage(sessions, {
    key: recording.key,
    productVersion: '1.2.3',
    exportedAt: '2026-11-20T12:00:00.000Z',
    retentionDays: 90,
    systemDescription: '',
    intendedPurpose: '',
    digestsOnly: false,
  });
  made = JSON.stringify(evidence, null, 1);
});
afterAll(() => rmSync(recording.folder, { recursive: true }));

/** What is larger than this is not parsed whole: from nearly nothing to all. */
const PARTS = [2, 40, 700, 20_000, 1_000_000];

function verdictOf(text: string, partBytes: number): object {
  writeFileSync(path, text);
  return verifyPackageFile(path, recording.key.publicKey, partBytes);
}

/** What the reader of the whole says. */
function wholeVerdict(text: string): object {
  const whole = JSON.parse(text) as JsonObject | null;
  const inner = whole?.['success'] === true ? whole['data'] : whole;
  const isObject = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
  return verifyPackage(isObject ? (inner as JsonObject) : {}, recording.key.publicKey);
}

const outcomeOf = (verify: () => object): object | string => {
  try {
    return verify();
  } catch (error) {
    return (error as Error).name;
  }
};

/** The places of all values in a document. */
function placesIn(value: unknown, at: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[...at]];
  const inner = Object.entries(value).flatMap(([key, each]) => placesIn(each, [...at, key]));
  return [[...at], ...inner];
}

function replaced(text: string, at: readonly (string | number)[], by: Json): string {
  if (at.length === 0) return JSON.stringify(by);
  const copy = JSON.parse(text) as Record<string | number, unknown>;
  let parent = copy;
  for (const key of at.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  parent[at.at(-1)!] = by;
  return JSON.stringify(copy);
}

test('a file that is read by parts is judged as if it were read whole', () => {
  const places = placesIn(JSON.parse(made));
  for (const part of PARTS) {
    expect(verdictOf(made, part)).toEqual(wholeVerdict(made));
    expect(verdictOf(`{"success":true,"data":${made}}`, part)).toMatchObject({ ok: true });
  }
  fc.assert(
    fc.property(
      fc.constantFrom(...places),
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom(...PARTS),
      (at, by, part) => {
        const text = replaced(made, at, by as Json);
        expect(verdictOf(text, part)).toEqual(wholeVerdict(text));
      },
    ),
    { numRuns: 80 },
  );
});

test('what is damaged is no JSON for it exactly where it is none for a reader of the whole', () => {
  const small = JSON.stringify({
    sessions: [{ a: [1, -2.5e3, true, null, 'x\\"{'], b: {} }],
    c: [],
  });
  fc.assert(
    fc.property(
      fc.nat(small.length),
      fc.constantFrom('', ...'{}[],:"\\ x0-\u0007é\uFEFF'.split('')),
      fc.boolean(),
      fc.constantFrom(...PARTS),
      (at, by, inserted, part) => {
        const text = small.slice(0, at) + by + small.slice(inserted ? at : at + 1);
        const told = outcomeOf(() => verdictOf(text, part));
        const whole = outcomeOf(() => wholeVerdict(text));
        // Names that stand twice are a failure more.
        if (typeof whole === 'object') expect(told).toMatchObject({ ok: false });
        else expect(told).toBe(whole);
      },
    ),
    { numRuns: 250 },
  );
  for (const text of ['', ' ', '{', '[', '"', '{"a"}', '[1,]', '{"a":1,}', '1 2', '[1 2]'])
    expect(outcomeOf(() => verdictOf(text, 2))).toBe('SyntaxError');
});

describe('a package', () => {
  // oxlint-disable-next-line typescript/no-explicit-any -- an attacker changes any field
  const changed = (change: (file: any) => void): string => {
    const file = JSON.parse(made) as JsonObject;
    change(file);
    return JSON.stringify(file);
  };
  const attempts: Record<string, () => string> = {
    'a letter in its other form of Unicode': () => made.replaceAll('café', 'cafe\u0301'),
    'a number of more digits': () =>
      made.replace('"input_tokens": 1000', '"input_tokens": 1000.0001'),
    'a text for a number': () => made.replace('"seq": 3', '"seq": "3"'),
    'the heads of two sessions exchanged': () =>
      changed(({ sessions: [a, b] }) => {
        [a.integrity.head, b.integrity.head] = [b.integrity.head, a.integrity.head];
      }),
    'the records of two sessions exchanged': () =>
      changed(({ sessions: [a, b] }) => {
        [a.integrity.records, b.integrity.records] = [b.integrity.records, a.integrity.records];
      }),
    'a field more in an event': () =>
      changed(({ sessions: [a] }) => (a.integrity.records[2].note = 'seen')),
    'a field more in the package': () => changed((file) => (file.note = 'approved')),
    'a key of the form of a list': () =>
      changed((file) => (file.public_key = [recording.key.publicKey])),
    'a head without a signature that is a text': () =>
      changed(({ sessions: [a] }) => (a.integrity.head.signature = [a.integrity.head.signature])),
    'a session twice': () => changed(({ sessions }) => sessions.push(sessions[0])),
    'a name that stands twice, the right value last': () =>
      made.replace('"tamper_evident"', '"statement": "Conforms.",\n"tamper_evident"'),
    'such a name that is written otherwise': () =>
      made.replace('"tamper_evident"', String.raw`"s\u0074atement": "Conforms.", "tamper_evident"`),
  };

  test.each(Object.keys(attempts))('with %s is found out', (name) => {
    const text = attempts[name]!();
    expect(text).not.toBe(made);
    for (const part of PARTS) expect(verdictOf(text, part)).toMatchObject({ ok: false });
  });

  test('is the same in another order of names, other spaces and other forms of the same numbers', () => {
    const turned = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(turned);
      const entries = Object.entries(value).toReversed();
      return Object.fromEntries(entries.map(([key, each]) => [key, turned(each)]));
    };
    const text = JSON.stringify(turned(JSON.parse(made)), null, '\t\r')
      .replaceAll('café', String.raw`caf\u00e9`)
      .replace('"input_tokens": 1000', '"input_tokens": 1.0E3');
    expect(text).toContain('1.0E3');
    for (const part of PARTS) expect(verdictOf(text, part)).toMatchObject({ ok: true });
  });
});

import {
  appendFileSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { shortWork, START_NS, startRecording } from '../../test/fixtures/sessions/recorded.ts';
import type { Recording } from '../../test/fixtures/sessions/recorded.ts';
import { auditReadiness } from './audit-readiness.ts';
import { createEvidencePackage } from './evidence-package.ts';
import { findSession, listSessions, readEvents } from './read-session.ts';
import type { Session } from './read-session.ts';
import { selectSessions } from './select-sessions.ts';
import { appendEvents } from './session-writer.ts';
import { openSigningKey } from '../base/signing-key.ts';
import { canonicalJson, dataHashOf, eventHashOf, verifyPackage } from '../base/verifier.ts';
import type { JsonObject } from '../base/verifier.ts';
import { verifySession } from './verify-session.ts';

let recording: Recording;
beforeEach(() => (recording = startRecording()));
afterEach(() => rmSync(recording.folder, { recursive: true }));

const eventsFile = (session: Session): string => join(session.directory, 'events.ndjson');
const linesOf = (session: Session): string[] =>
  readFileSync(eventsFile(session), 'utf8').trimEnd().split('\n');
const writeLines = (session: Session, lines: readonly string[]): void =>
  writeFileSync(eventsFile(session), `${lines.join('\n')}\n`);

describe('a recorded session', () => {
  test('is read as it was written, with secrets taken out', () => {
    const session = recording.record('s', [
      { type: 'user_prompt', data: { prompt: 'use https://me:hunter2@host/' } },
      {
        type: 'tool_call',
        durationMs: 5,
        parentId: 'p',
        data: { arguments: { password: 'x', n: 1.5, deep: [null] } },
      },
    ]);
    const read = [...readEvents(session)].map(({ id, ...event }) => ({ ...event, id: id.length }));
    expect(read).toEqual([
      {
        seq: 1,
        id: 16,
        type: 'user_prompt',
        parentId: '',
        timeNs: START_NS + 1_000_000n,
        durationMs: undefined,
        data: { prompt: 'use https://me:[REDACTED:url_credentials]@host/' },
      },
      {
        seq: 2,
        id: 16,
        type: 'tool_call',
        parentId: 'p',
        timeNs: START_NS + 2_000_000n,
        durationMs: 5,
        data: { arguments: { password: '[REDACTED:secret]', n: 1.5, deep: [null] } },
      },
    ]);
    expect(verifySession(session, recording.key.publicKey)).toEqual({
      session_id: 's',
      ok: true,
      total_events: 2,
      erased_events: 0,
      broken_at: null,
      broken_event_id: null,
      reason: '',
      public_key: recording.key.publicKey,
    });
  });

  test('holds any JSON, and its hashes come out the same when it is read back', () => {
    let made = 0;
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), { maxLength: 5 }),
        (datas) => {
          const events = datas.map(
            (data) => ({ type: 'decision', data: data as JsonObject }) as const,
          );
          const session = recording.record(`any-${(made += 1)}`, events);
          expect(verifySession(session)).toMatchObject(
            datas.length === 0
              ? { reason: 'the signed head is missing' }
              : { ok: true, total_events: datas.length },
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  test('proves still what was erased from it, and says that it was', () => {
    const session = recording.record('s', shortWork());
    const erased = linesOf(session).map((line, at) => {
      const { data, ...event } = JSON.parse(line) as { data: unknown };
      return JSON.stringify(at === 1 ? event : { ...event, data });
    });
    writeLines(session, erased);
    expect(verifySession(session)).toMatchObject({ ok: true, erased_events: 1 });
  });

  test('that lost its meta is told and stands in no one’s way', () => {
    const session = recording.record('s', shortWork());
    const other = recording.record('other', shortWork());
    symlinkSync(join(recording.root, 'gone'), join(recording.root, 'link'));
    for (const meta of ['', '{"session_id":"s"}', '{"started_at_ns":"soon"}', undefined]) {
      const path = join(session.directory, 'meta.json');
      if (meta === undefined) rmSync(path);
      else writeFileSync(path, meta);
      const all = listSessions({ root: recording.root });
      expect(all.map(({ id, meta: { started_at_ns: start } }) => [id, start])).toEqual([
        ['other', String(START_NS)],
        ['s', String(START_NS)],
      ]);
      expect(all.map((each) => verifySession(each).ok)).toEqual([true, false]);
    }
    expect(findSession({ root: recording.root }, 'oth')).toEqual(other);
  });

  test('belongs to those of its time also when the session that started it is gone', () => {
    recording.record('orphan', shortWork(), { parent_session_id: 'gone' });
    recording.record('parent', shortWork());
    recording.record('child', shortWork(), { parent_session_id: 'parent' });
    const chosen = selectSessions({ root: recording.root }, { all: true });
    expect(chosen.map(({ id }) => id)).toEqual(['orphan', 'parent', 'child']);
  });

  test('has no gap where a hook read the calls of the model when a turn ended', () => {
    const [start, , asked, answered, tool] = shortWork();
    const late = recording.record('late', [start!, tool!, asked!, answered!]);
    const back = recording.record('back', [start!, tool!, start!]);
    const options = { retentionDays: 0, nowMs: Number(START_NS / 1_000_000n), knownKey: undefined };
    expect(auditReadiness([late, back], options).checks.timestamp_continuity.gaps).toEqual([
      { session_id: 'back', reason: 'the clock went back 1 times' },
    ]);
  });

  test('goes on after a crash: what was half written is set aside, what was whole is kept', () => {
    const session = recording.record('s', shortWork());
    const whole = linesOf(session).length;
    appendFileSync(eventsFile(session), '{"data":{"half":');
    expect([...readEvents(session, { unreadable: 0, unknownTypes: new Map() })]).toHaveLength(
      whole,
    );
    appendEvents(session.directory, [{ type: 'decision', data: {} }], {
      key: recording.key,
      nowNs: () => START_NS,
    });
    expect(verifySession(session)).toMatchObject({ ok: true, total_events: whole + 1 });
    expect(readFileSync(join(session.directory, 'torn.txt'), 'utf8')).toBe('{"data":{"half":\n');
  });

  test('is whole also when a process ended between its events and its head', () => {
    const session = recording.record('s', shortWork());
    const head = readFileSync(join(session.directory, 'head.json'));
    appendEvents(session.directory, [{ type: 'decision', data: {} }], {
      key: recording.key,
      nowNs: () => START_NS,
    });
    // The new head had not taken the old one's place.
    writeFileSync(
      join(session.directory, 'head.json.next'),
      readFileSync(join(session.directory, 'head.json')),
    );
    writeFileSync(join(session.directory, 'head.json'), head);
    expect(verifySession(session)).toMatchObject({ ok: true });
    appendEvents(session.directory, [{ type: 'decision', data: {} }], {
      key: recording.key,
      nowNs: () => START_NS,
    });
    expect(verifySession(session)).toMatchObject({
      ok: true,
      total_events: shortWork().length + 2,
    });
  });
});

/** An attacker who knows the format, but has not the key. */
function forged(line: string, change: (event: Record<string, unknown>) => void): string {
  const event = JSON.parse(line) as Record<string, unknown>;
  change(event);
  event['data_hash'] = dataHashOf(event['data'] as JsonObject);
  event['hash'] = eventHashOf(event as JsonObject);
  return canonicalJson(event as JsonObject);
}

describe('tampering with a session', () => {
  const attempts: Record<string, (session: Session, lines: string[]) => void> = {
    'editing a text': (session, lines) =>
      writeLines(
        session,
        lines.map((line) => line.replace('Mend', 'Break')),
      ),
    'editing a text and its hashes': (session, lines) =>
      writeLines(
        session,
        lines.with(
          1,
          forged(lines[1]!, (event) => (event['data'] = { prompt: 'Break the build' })),
        ),
      ),
    'deleting an event': (session, lines) => writeLines(session, lines.toSpliced(3, 1)),
    'deleting the last event': (session, lines) => writeLines(session, lines.slice(0, -1)),
    'cutting the file': (session) => truncateSync(eventsFile(session), 500),
    'emptying the file': (session) => truncateSync(eventsFile(session), 0),
    'replacing the last event by one with the right hashes': (session, lines) =>
      writeLines(
        session,
        lines.with(
          lines.length - 1,
          forged(lines.at(-1)!, (event) => (event['data'] = { reason: 'none' })),
        ),
      ),
    'exchanging two events': (session, lines) =>
      writeLines(session, lines.with(2, lines[3]!).with(3, lines[2]!)),
    'adding an event with the right hashes': (session, lines) =>
      writeLines(session, [
        ...lines,
        forged(lines.at(-1)!, (event) => {
          event['prev_hash'] = event['hash'];
          event['seq'] = lines.length + 1;
        }),
      ]),
    'taking the hashes out': (session, lines) =>
      writeLines(
        session,
        lines.map((line) => line.replaceAll(/,"(?:prev_)?hash":"[0-9a-f]+"/g, '')),
      ),
    'changing when the session began': (session) => {
      const path = join(session.directory, 'meta.json');
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replace(String(START_NS), String(START_NS - 1n)),
      );
    },
    'removing the head': (session) => rmSync(join(session.directory, 'head.json')),
    'writing a line that is no event': (session, lines) => writeLines(session, [...lines, 'x']),
  };

  test.each(Object.keys(attempts))('%s is found', (name) => {
    const session = recording.record('s', shortWork());
    attempts[name]!(session, linesOf(session));
    const again = {
      ...session,
      meta: JSON.parse(readFileSync(join(session.directory, 'meta.json'), 'utf8')),
    } as Session;
    expect(verifySession(again).ok).toBe(false);
    // Recording on must not cover it up.
    appendEvents(session.directory, [{ type: 'decision', data: {} }], {
      key: recording.key,
      nowNs: () => START_NS,
    });
    if (!name.startsWith('adding') && name !== 'writing a line that is no event') {
      expect(verifySession(again).ok).toBe(false);
    }
  });

  test('signing it all anew with another key is found by who knows the key', () => {
    const session = recording.record('s', shortWork());
    const stranger = openSigningKey(join(recording.folder, 'other.pem'));
    writeFileSync(join(session.directory, 'events.ndjson'), '');
    rmSync(join(session.directory, 'head.json'));
    appendEvents(session.directory, shortWork().slice(0, 3), {
      key: stranger,
      nowNs: () => START_NS,
    });
    expect(verifySession(session, recording.key.publicKey)).toMatchObject({
      ok: false,
      reason: `it is signed with the key ${stranger.publicKey}`,
    });
  });
});

describe('tampering with a package', () => {
  const options = () => ({
    key: recording.key,
    productVersion: '1.2.3',
    exportedAt: '2026-11-20T12:00:00.000Z',
    retentionDays: 90,
    systemDescription: '',
    intendedPurpose: '',
    digestsOnly: false,
  });
  // oxlint-disable-next-line typescript/no-explicit-any -- an attacker changes any field
  const attempts: Record<string, (file: any) => void> = {
    'editing a summary': (file) =>
      (file.sessions[0].article_12.events[1].input_summary = 'nothing'),
    'editing a record': (file) => (file.sessions[0].integrity.records[1].data.prompt = 'nothing'),
    'deleting an entry and its record': (file) => {
      file.sessions[0].article_12.events.splice(2, 1);
      file.sessions[0].integrity.records.splice(2, 1);
    },
    'deleting the last record and lowering the count': (file) => {
      file.sessions[0].integrity.records.pop();
      file.sessions[0].integrity.head.count -= 1;
    },
    'exchanging records': (file) => file.sessions[0].integrity.records.reverse(),
    'deleting a session': (file) => file.sessions.pop(),
    'deleting all sessions': (file) => (file.sessions = []),
    'deleting both hashes of an event': (file) => {
      delete file.sessions[0].integrity.records[3].hash;
      delete file.sessions[0].integrity.records[3].prev_hash;
    },
    'claiming another validity': (file) =>
      (file.sessions[0].article_12.trace_integrity.hash_chain_valid = false),
    'changing a cost': (file) => (file.sessions[0].article_12.events[3].cost_usd = 0),
    'changing a human decision': (file) =>
      (file.sessions[0].article_13.human_oversight_points = []),
    'removing the signature': (file) => delete file.signature,
    'putting in another key': (file) => (file.public_key = '00'.repeat(32)),
    'moving a session under another name': (file) => (file.sessions[0].session_id = 'other'),
  };

  test('an untouched package verifies, and says what it holds', () => {
    const file = createEvidencePackage(
      [recording.record('a', shortWork('a')), recording.record('b', shortWork('b'))],
      options(),
    );
    expect(verifyPackage(file, recording.key.publicKey)).toEqual({
      ok: true,
      checked_sessions: 2,
      checked_events: 22,
      public_key: recording.key.publicKey,
      failures: [],
    });
  });

  test.each(Object.keys(attempts))('%s is found', (name) => {
    const sessions = [recording.record('a', shortWork('a')), recording.record('b', shortWork('b'))];
    const file = structuredClone(createEvidencePackage(sessions, options()));
    attempts[name]!(file);
    expect(verifyPackage(file)).toMatchObject({ ok: false });
  });

  test('signing it anew with another key is found by who knows the key', () => {
    const stranger = openSigningKey(join(recording.folder, 'other.pem'));
    const file = createEvidencePackage([recording.record('a', shortWork('a'))], {
      ...options(),
      key: stranger,
    });
    expect(verifyPackage(file, recording.key.publicKey).ok).toBe(false);
  });

  test('a package without content proves the same', () => {
    const file = createEvidencePackage([recording.record('a', shortWork('a'))], {
      ...options(),
      digestsOnly: true,
    });
    expect(JSON.stringify(file)).not.toMatch(/Mend the build|mended|npm test|exit 1/);
    expect(verifyPackage(file).ok).toBe(true);
  });

  test('the verifier is a program by itself, of less than 200 lines, that needs only Node', () => {
    const source = join(import.meta.dirname, '..', 'base', 'verifier.ts');
    const text = readFileSync(source, 'utf8');
    expect(text.split('\n').length).toBeLessThan(200);
    expect([...text.matchAll(/from '([^']+)'/g)].map((match) => match[1])).toEqual([
      'node:crypto',
      'node:fs',
    ]);
  });
});

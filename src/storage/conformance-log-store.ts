import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ALWAYS, attributesOf, hex, NOON_NS, traceIdOf } from './conformance-trace-requests.ts';
import type { LogCondition, LogPosition, LogStore, StoredLog } from './log-store.ts';
import type { TimeRange } from './trace-store.ts';

/** A store that the suite may fill. */
export interface LogStoreUnderTest {
  readonly logs: LogStore;
  /** Stores requests in OTLP/JSON as one segment, received at noon of 2026-11-20 UTC. */
  write(
    requests: readonly { project?: string; signal: 'logs'; body: unknown }[],
    receivedAtMs?: number,
  ): Promise<void>;
  close(): Promise<void>;
}

interface RecordOptions {
  readonly body: string;
  /** After noon. */
  readonly atNs?: number;
  readonly severity?: number;
  readonly severityText?: string;
  readonly event?: string;
  readonly trace?: number;
  readonly span?: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

const MINUTE_NS = 60_000_000_000;

function logJson(options: RecordOptions): unknown {
  return {
    timeUnixNano: String(NOON_NS + BigInt(options.atNs ?? 0)),
    severityNumber: options.severity ?? 9,
    severityText: options.severityText ?? '',
    body: { stringValue: options.body },
    attributes: attributesOf(options.attributes ?? {}),
    ...(options.event === undefined ? {} : { eventName: options.event }),
    ...(options.trace === undefined ? {} : { traceId: traceIdOf(options.trace) }),
    ...(options.span === undefined ? {} : { spanId: hex(options.span, 8) }),
  };
}

export function logRequest(
  project: string,
  records: readonly RecordOptions[],
  resource: Readonly<Record<string, string>> = {},
): { project: string; signal: 'logs'; body: unknown } {
  const attributes = attributesOf({ 'service.name': 'svc', ...resource });
  return {
    project,
    signal: 'logs',
    body: {
      resourceLogs: [
        {
          resource: { attributes },
          scopeLogs: [{ scope: { name: 'scope' }, logRecords: records.map(logJson) }],
        },
      ],
    },
  };
}

/** Every implementation of `LogStore` must pass this. `open` gives an empty store. */
export function testLogStore(name: string, open: () => Promise<LogStoreUnderTest>): void {
  describe(`${name} as a LogStore`, () => {
    let opened: LogStoreUnderTest;
    let logs: LogStore;
    let projects = 0;
    /** Tests do not see each other's telemetry: each has a project of its own. */
    const newProject = (): string => `project-${projects++}`;
    beforeAll(async () => {
      opened = await open();
      ({ logs } = opened);
    });
    afterAll(async () => {
      await opened?.close();
    });

    const findLogs = async (
      project: string,
      conditions: readonly LogCondition[] = [],
      rest: Partial<Parameters<LogStore['findLogs']>[1]> = {},
    ): Promise<StoredLog[]> =>
      await logs.findLogs(project, {
        range: ALWAYS,
        conditions,
        order: 'newest',
        after: undefined,
        limit: 100,
        ...rest,
      });
    const bodies = async (...asked: Parameters<typeof findLogs>): Promise<string[]> =>
      (await findLogs(...asked)).map(({ body }) => body);

    test('gives a record back as it was stored', async () => {
      const project = newProject();
      const options = { body: 'a', atNs: 5, severity: 17, severityText: 'Error', event: 'e' };
      const attributes = { k: 'v', n: 3, 'gen_ai.agent.name': 'sorter' };
      await opened.write([logRequest(project, [{ ...options, trace: 1, span: 2, attributes }])]);
      const [record, ...more] = await findLogs(project);
      expect(more).toEqual([]);
      const { block, row, resourceId, scopeId, ...rest } = record!;
      expect([typeof block, typeof row]).toEqual(['bigint', 'bigint']);
      expect([resourceId, scopeId].every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
      expect(rest).toEqual({
        timeNs: NOON_NS + 5n,
        observedNs: 0n,
        receivedMs: Number(NOON_NS / 1_000_000n),
        traceId: traceIdOf(1),
        spanId: hex(2, 8),
        flags: 0,
        severityNumber: 17,
        severityText: 'Error',
        level: 'error',
        eventName: 'e',
        body: 'a',
        bodyType: 's',
        service: 'svc',
        agent: 'sorter',
        scopeName: 'scope',
        attributes: {
          keys: ['k', 'n', 'gen_ai.agent.name'],
          values: ['v', '3', 'sorter'],
          types: 'sis',
        },
        droppedAttributes: 0,
      });
      expect(await logs.getLog(project, record!)).toEqual(record);
      expect(await logs.getLog('another', record!)).toBeUndefined();
    });

    test('the newest come first, from whatever time, and pages follow without a gap or a repeat', async () => {
      const project = newProject();
      // Within minutes, hours, days and beyond; several at the same time; the oldest received last.
      const minutes = [0, 0, 0, -1, -2, -200, -201, -4_000, -4_001, -500_000, -500_000, 30];
      const records = minutes.map((minute, index) => ({
        body: `${minute} ${index}`,
        atNs: minute * MINUTE_NS,
      }));
      await opened.write([logRequest(project, records.slice(0, 6))]);
      await opened.write([logRequest(project, records.slice(6))]);
      const all = await findLogs(project);
      const minutesOf = (rows: readonly StoredLog[]) =>
        rows.map(({ body }) => Number(body.split(' ')[0]));
      expect(minutesOf(all)).toEqual(minutes.toSorted((a, b) => b - a));
      for (const order of ['newest', 'oldest'] as const) {
        const paged: StoredLog[] = [];
        let after: LogPosition | undefined;
        for (;;) {
          const rows = await findLogs(project, [], { order, after, limit: 5 });
          paged.push(...rows);
          after = rows.at(-1);
          if (rows.length < 5) break;
        }
        expect(paged).toEqual(order === 'newest' ? all : all.toReversed());
      }
    });

    test('positions hold when more is stored', async () => {
      const project = newProject();
      await opened.write([logRequest(project, [{ body: 'one' }, { body: 'two' }])]);
      const before = await findLogs(project);
      await opened.write([logRequest(project, [{ body: 'three' }])]);
      const after = await findLogs(project);
      expect(after.filter(({ body }) => body !== 'three')).toEqual(before);
    });

    test('every condition is held', async () => {
      const project = newProject();
      const attributes = { city: 'Bonn', 'gen_ai.agent.name': 'sorter' };
      await opened.write([
        logRequest(project, [
          { body: 'plain', atNs: 1 },
          { body: 'bad', atNs: 2, severity: 18, trace: 7, span: 8, event: 'job.failed' },
          { body: 'named', atNs: 3, severity: 0, severityText: 'Critical', attributes },
          { body: 'silent', atNs: 4, severity: 0 },
        ]),
        logRequest(project, [{ body: 'other', atNs: 5, severity: 13 }], {
          'service.name': 'shop',
          region: 'North-1',
        }),
      ]);
      const fits = async (...conditions: LogCondition[]) => await bodies(project, conditions);
      expect(await fits({ kind: 'level', values: ['error', 'fatal'] })).toEqual(['named', 'bad']);
      expect(await fits({ kind: 'level', values: ['unset'] })).toEqual(['silent']);
      expect(await fits({ kind: 'least_severity', value: 13 })).toEqual(['other', 'bad']);
      expect(await fits({ kind: 'severity_text', value: 'CRITICAL' })).toEqual(['named']);
      expect(await fits({ kind: 'service', value: 'shop' })).toEqual(['other']);
      expect(await fits({ kind: 'agent', value: 'sorter' })).toEqual(['named']);
      expect(await fits({ kind: 'agent', value: 'shop' })).toEqual(['other']);
      expect(await fits({ kind: 'event', value: 'job.failed' })).toEqual(['bad']);
      expect(await fits({ kind: 'event', value: 'job.*' })).toEqual(['bad']);
      expect(await fits({ kind: 'trace', value: traceIdOf(7) })).toEqual(['bad']);
      expect(await fits({ kind: 'span', value: hex(8, 8) })).toEqual(['bad']);
      const attribute = (key: string, operator: 'equals' | 'differs' | 'contains', value: string) =>
        ({ kind: 'attribute', key, operator, value }) as const;
      expect(await fits(attribute('city', 'equals', 'Bonn'))).toEqual(['named']);
      expect(
        await fits(attribute('city', 'differs', 'Bonn'), { kind: 'service', value: 'svc' }),
      ).toEqual(['silent', 'bad', 'plain']);
      expect(await fits(attribute('city', 'contains', 'bO'))).toEqual(['named']);
      expect(await fits(attribute('region', 'equals', 'North-1'))).toEqual(['other']);
      expect(await fits(attribute('region', 'differs', 'North-1'))).not.toContain('other');
      expect(await fits(attribute('region', 'contains', 'north'))).toEqual(['other']);
      expect(await fits({ kind: 'service', value: 'svc' }, { kind: 'event', value: 'x' })).toEqual(
        [],
      );
    });

    test('text is found in bodies and event names, in any case, near and far in time', async () => {
      const project = newProject();
      const long = `${'x'.repeat(3_000)} needle Straße`;
      await opened.write([
        logRequest(project, [
          { body: 'Connection refused by 10.0.0.7:5432', atNs: 3 },
          { body: 'connection lost', atNs: -5_000 * MINUTE_NS },
          { body: '', event: 'codex.api_request', atNs: 1 },
          { body: long, atNs: 2 },
        ]),
      ]);
      const found = async (value: string) => await bodies(project, [{ kind: 'text', value }]);
      expect(await found('CONNECTION')).toEqual([
        'Connection refused by 10.0.0.7:5432',
        'connection lost',
      ]);
      expect(await found('nnection l')).toEqual(['connection lost']);
      expect(await found('0.0.7:54')).toEqual(['Connection refused by 10.0.0.7:5432']);
      expect(await found('api_req')).toEqual(['']);
      expect(await found('100%')).toEqual([]);
      expect(await found('ion refused by 10')).toEqual(['Connection refused by 10.0.0.7:5432']);
      expect(await found('nection lost')).toEqual(['connection lost']);
      expect((await found('needle STRAßE')).length).toBe(1);
    });

    test('a range leaves out what came before and after, late records included', async () => {
      const project = newProject();
      await opened.write([
        logRequest(project, [
          { body: 'early', atNs: -1 },
          { body: 'first', atNs: 0 },
          { body: 'last', atNs: 9 },
          { body: 'end', atNs: 10 },
          { body: 'late', atNs: -30_000 * MINUTE_NS },
        ]),
      ]);
      const range: TimeRange = { fromNs: NOON_NS, toNs: NOON_NS + 10n };
      expect(await bodies(project, [], { range })).toEqual(['last', 'first']);
      expect(await bodies(project, [], { range: { ...ALWAYS, toNs: NOON_NS } })).toEqual([
        'early',
        'late',
      ]);
    });

    test('a record without a time stands at its observed time, else at its receipt', async () => {
      const project = newProject();
      const logRecords = [
        { body: { stringValue: 'observed' }, observedTimeUnixNano: String(NOON_NS - 1n) },
        { body: { kvlistValue: { values: [{ key: 'a', value: { intValue: '1' } }] } } },
      ];
      await opened.write([
        { project, signal: 'logs', body: { resourceLogs: [{ scopeLogs: [{ logRecords }] }] } },
      ]);
      const found = await findLogs(project);
      expect(found.map(({ timeNs, body, bodyType }) => ({ timeNs, body, bodyType }))).toEqual([
        { timeNs: NOON_NS, body: '{"a":1}', bodyType: 'k' },
        { timeNs: NOON_NS - 1n, body: 'observed', bodyType: 's' },
      ]);
    });

    test('records are counted by step and level, and by what they name', async () => {
      const project = newProject();
      await opened.write([
        logRequest(project, [
          { body: 'a', severity: 17 },
          { body: 'b', severity: 9, atNs: 1 },
          { body: 'c', severity: 9, atNs: MINUTE_NS, event: 'e' },
        ]),
        logRequest(project, [{ body: 'd', severity: 13 }], { 'service.name': 'shop' }),
      ]);
      const asked = { range: ALWAYS, conditions: [{ kind: 'service', value: 'svc' }] } as const;
      expect(await logs.countOverTime(project, { ...asked, stepSeconds: 60 })).toEqual([
        { startNs: NOON_NS, level: 'info', count: 1 },
        { startNs: NOON_NS, level: 'error', count: 1 },
        { startNs: NOON_NS + BigInt(MINUTE_NS), level: 'info', count: 1 },
      ]);
      expect(await logs.listFacets(project, asked, 10)).toEqual({
        levels: [
          { value: 'info', count: 2 },
          { value: 'error', count: 1 },
        ],
        services: [
          { value: 'svc', count: 3 },
          { value: 'shop', count: 1 },
        ],
        agents: [{ value: 'svc', count: 3 }],
        events: [{ value: 'e', count: 1 }],
      });
    });

    test('keys and values of attributes are found by a part of them', async () => {
      const project = newProject();
      await opened.write([
        logRequest(project, [
          { body: 'a', attributes: { city: 'Bonn', 'city.code': 53 } },
          { body: 'b', attributes: { city: 'Köln' } },
        ]),
      ]);
      const asked = { range: ALWAYS, limit: 5 };
      expect(await logs.findAttributeKeys(project, { ...asked, part: 'CITY' })).toEqual([
        { value: 'city', count: 2 },
        { value: 'city.code', count: 1 },
      ]);
      expect(
        await logs.findAttributeValues(project, { ...asked, key: 'city', part: 'kö' }),
      ).toEqual([{ value: 'Köln', count: 1 }]);
    });
  });
}

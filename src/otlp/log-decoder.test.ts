import { describe, expect, test } from 'vitest';

import { plainColumns } from '../../test/fixtures/otlp/plain-columns.ts';
import { createEncoder } from '../../test/fixtures/otlp/protobuf-root.ts';
import { TelemetryColumns } from '../model/telemetry-columns.ts';
import type { DecodeOutcome } from './decode-outcome.ts';
import { LogDecoder } from './log-decoder.ts';
import { OriginDecoder } from './origin-decoder.ts';

const CONTEXT = { project: 'acme', receivedAtMs: 1_790_000_000_123 };
const encode = createEncoder();

interface Logs {
  readonly outcome: DecodeOutcome;
  // eslint-disable-next-line typescript/no-explicit-any -- parsed JSON, compared whole
  readonly logs: any;
  // eslint-disable-next-line typescript/no-explicit-any -- parsed JSON, compared whole
  readonly payloads: any;
}

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });

function decode(groups: readonly object[]): Logs {
  const columns = new TelemetryColumns();
  const decoder = new LogDecoder(columns, new OriginDecoder(columns));
  const body = encode('ExportLogsServiceRequest', { resourceLogs: groups });
  const outcome = decoder.decode(body, CONTEXT);
  return { outcome, ...plainColumns(columns) } as Logs;
}

const records = (...logRecords: object[]): Logs =>
  decode([
    {
      resource: { attributes: [text('service.name', 'claude-code')] },
      scopeLogs: [{ scope: { name: 'com.anthropic.claude_code' }, logRecords }],
    },
  ]);

test('a record is kept with all it says', () => {
  const { outcome, logs } = records({
    timeUnixNano: '1790000000000000001',
    observedTimeUnixNano: '1790000000000000002',
    severityNumber: 9,
    severityText: 'INFO',
    body: { stringValue: 'claude_code.api_request' },
    attributes: [
      text('event.name', 'api_request'),
      { key: 'input_tokens', value: { intValue: '12' } },
    ],
    droppedAttributesCount: 3,
    flags: 1,
    traceId: Buffer.alloc(16, 0xab),
    spanId: Buffer.alloc(8, 0xcd),
  });
  expect(outcome).toMatchObject({ accepted: 1, rejected: 0, message: '' });
  expect(logs).toEqual({
    project: ['acme'],
    time: ['1790000000000000001'],
    observedTime: ['1790000000000000002'],
    severityNumber: [9],
    severityText: ['INFO'],
    eventName: ['api_request'],
    body: ['claude_code.api_request'],
    bodyType: ['s'],
    service: ['claude-code'],
    agent: ['claude-code'],
    resourceId: [0],
    scopeId: [0],
    scopeName: ['com.anthropic.claude_code'],
    attributes: [
      [
        ['event.name', 's', 'api_request'],
        ['input_tokens', 'i', '12'],
      ],
    ],
    droppedAttributes: [3],
    flags: [1],
    traceId: ['ab'.repeat(16)],
    spanId: ['cd'.repeat(8)],
  });
});

describe('the time of a record', () => {
  test('is its own, else the observed one, else that of its arrival', () => {
    const { logs } = records(
      { timeUnixNano: 5, observedTimeUnixNano: 6 },
      { timeUnixNano: 0, observedTimeUnixNano: 6 },
      { observedTimeUnixNano: 6 },
      { timeUnixNano: 0, observedTimeUnixNano: 0 },
      {},
    );
    expect(logs.time).toEqual(['5', '6', '6', '1790000000123000000', '1790000000123000000']);
    expect(logs.observedTime).toEqual(['6', '6', '6', '0', '0']);
  });

  test('is refused beyond the days that can be summed up', () => {
    const { outcome, logs } = records(
      { timeUnixNano: '4294967296000000000' },
      { observedTimeUnixNano: '18446744073709551615' },
      { timeUnixNano: '4294967295999999999' },
    );
    expect(outcome).toMatchObject({
      accepted: 1,
      rejected: 2,
      message:
        '2 log records rejected: time_unix_nano is beyond 2106-02-07 (1); observed_time_unix_nano is beyond 2106-02-07 (1)',
    });
    expect(logs.time).toEqual(['4294967295999999999']);
  });
});

test('ids that have not their size mean that the record belongs to no span', () => {
  const { outcome, logs } = records({ traceId: Buffer.alloc(3, 1), spanId: Buffer.alloc(9, 1) });
  expect(outcome.rejected).toBe(0);
  expect(logs).toMatchObject({ traceId: ['00'.repeat(16)], spanId: ['00'.repeat(8)] });
});

test('a severity beyond the scale is refused', () => {
  const { outcome } = records({ severityNumber: 24 }, { severityNumber: 25 });
  expect(outcome).toMatchObject({
    accepted: 1,
    rejected: 1,
    message: '1 log record rejected: severity_number 25 is not a severity (0 to 24) (1)',
  });
});

describe('the event name', () => {
  test('is the field, or else the attribute of older SDKs', () => {
    const { logs } = records(
      { eventName: 'a', attributes: [text('event.name', 'b')] },
      { attributes: [text('event.name', 'b')] },
      { attributes: [{ key: 'event.name', value: { intValue: 3 } }] },
      {},
    );
    expect(logs.eventName).toEqual(['a', 'b', '', '']);
  });
});

describe('the body', () => {
  test('is kept as text with the letter of its type', () => {
    const { logs } = records(
      { body: { stringValue: 'text' } },
      { body: { boolValue: true } },
      { body: { intValue: '-9223372036854775808' } },
      { body: { doubleValue: 0.1 } },
      { body: { bytesValue: Buffer.from([1, 2, 255]) } },
      { body: { arrayValue: { values: [{ intValue: 1 }, { doubleValue: 1 }, {}] } } },
      { body: { kvlistValue: { values: [text('role', 'user'), text('$ref', 'x')] } } },
      { body: {} },
      {},
    );
    expect(logs.bodyType).toEqual(['s', 'b', 'i', 'd', 'x', 'a', 'k', 'e', 'e']);
    expect(logs.body).toEqual([
      'text',
      'true',
      '-9223372036854775808',
      '0.1',
      'AQL/',
      '[1,1.0,null]',
      '{"role":"user","$$ref":"x"}',
      '',
      '',
    ]);
  });

  test('leaves the row when it is large', () => {
    const content = 'y'.repeat(1024);
    const { logs, payloads } = records(
      { body: { stringValue: content } },
      { body: { kvlistValue: { values: [text('content', content)] } } },
      { body: { stringValue: content.slice(1) } },
    );
    expect(logs.bodyType).toEqual(['S', 'K', 's']);
    expect(logs.body).toEqual([
      `\u0001${payloads.hashes[0]}`,
      `\u0001${payloads.hashes[1]}`,
      content.slice(1),
    ]);
    expect(payloads.contents).toEqual([content, `{"content":"${content}"}`]);
  });
});

describe('sightings', () => {
  const agents = ({ outcome }: Logs): object[] =>
    outcome.sightings.map(({ name, services, runs, sdkLanguages }) => ({
      name,
      services,
      runs,
      sdkLanguages,
    }));

  test('name a service once, however many records it sends', () => {
    expect(agents(records({}, {}, {}))).toEqual([
      { name: 'claude-code', services: ['claude-code'], runs: 0, sdkLanguages: [] },
    ]);
  });

  test('name the agent that a record names instead of its service', () => {
    const resource = (service: string): object => ({
      attributes: [text('service.name', service), text('telemetry.sdk.language', 'python')],
    });
    const logRecords = [
      { attributes: [text('agent.name', 'planner')] },
      { attributes: [text('agent.name', 'a'), text('gen_ai.agent.name', 'writer')] },
    ];
    const result = decode([
      { resource: resource('desk'), scopeLogs: [{ logRecords: [...logRecords, {}] }] },
      { resource: resource('other'), scopeLogs: [{ logRecords }] },
    ]);
    const sdkLanguages = ['python'];
    expect(agents(result)).toEqual([
      { name: 'planner', services: ['desk', 'other'], runs: 0, sdkLanguages },
      { name: 'writer', services: ['desk', 'other'], runs: 0, sdkLanguages },
      { name: 'desk', services: ['desk'], runs: 0, sdkLanguages },
    ]);
    expect(result.outcome.sightings[0]).toMatchObject({
      project: 'acme',
      seenAtMs: CONTEXT.receivedAtMs,
    });
  });

  test('take no text for a name that is too long for one', () => {
    const attributes = [text('agent.name', 'x'.repeat(1025))];
    expect(agents(records({ attributes }))).toMatchObject([{ name: 'claude-code' }]);
  });

  test('are none when all records are refused or nothing has a name', () => {
    expect(agents(records({ severityNumber: 99 }))).toEqual([]);
    expect(agents(decode([{ scopeLogs: [{ logRecords: [{}] }] }]))).toEqual([]);
  });
});

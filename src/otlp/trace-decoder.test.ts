import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  anyMessage,
  PLAIN,
  toJson,
  toProtobufObject,
} from '../../test/fixtures/otlp/generated-request.ts';
import type { Message } from '../../test/fixtures/otlp/generated-request.ts';
import { plainColumns } from '../../test/fixtures/otlp/plain-columns.ts';
import { createEncoder } from '../../test/fixtures/otlp/protobuf-root.ts';
import { BENIGN_EXCEPTIONS } from '../model/noise.ts';
import { TelemetryColumns } from '../model/telemetry-columns.ts';
import { TelemetryDecoder } from './telemetry-decoder.ts';
import { transcodeJson } from './transcode-json.ts';

const encode = createEncoder();
const CONTEXT = { project: 'p', receivedAtMs: 1 };
const ids = { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2) };

interface Spans {
  readonly spans: Readonly<Record<'events' | 'links' | 'start' | 'end', string[]>>;
}

function decodeBody(body: Buffer): Spans {
  const decoder = new TelemetryDecoder(new TelemetryColumns(), { dialects: [], runRootNames: [] });
  decoder.decode('traces', body, CONTEXT);
  return plainColumns(decoder.columns) as Spans;
}

const decode = (...spans: object[]): Spans =>
  decodeBody(encode('ExportTraceServiceRequest', { resourceSpans: [{ scopeSpans: [{ spans }] }] }));

describe('events and links', () => {
  test('are kept in OTLP/JSON, which says the same when it is sent again', () => {
    const lists = fc.record({
      events: fc.array(anyMessage('Event', 0), { minLength: 1, maxLength: 3 }),
      links: fc.array(anyMessage('Link', 0), { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(lists, ({ events, links }) => {
        const first = decode(toProtobufObject({ ...ids, events, links }) as object).spans;
        const span = `{"traceId":"${ids.traceId.toString('hex')}","spanId":"${ids.spanId.toString('hex')}","events":${first.events[0]},"links":${first.links[0]}}`;
        const again = transcodeJson(
          'traces',
          Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`),
        );
        expect(decodeBody(again).spans).toEqual(first);
      }),
    );
  });

  test('are empty texts when there are none, and belong to their own span', () => {
    const event = { name: 'e', timeUnixNano: 1 };
    expect(decode(ids, { ...ids, events: [event] }, ids).spans.events).toEqual([
      '',
      '[{"timeUnixNano":"1","name":"e"}]',
      '',
    ]);
  });
});

test('a span without an end is kept without one', () => {
  expect(decode({ ...ids, startTimeUnixNano: 5 }).spans.end).toEqual(['0']);
});

describe('a time that nobody can mean', () => {
  test('is that of the end, else of the receipt, where none was sent', () => {
    const { start, end } = decode(
      { ...ids, endTimeUnixNano: 7 },
      { ...ids, startTimeUnixNano: 0, endTimeUnixNano: 0 },
      ids,
    ).spans;
    expect({ start, end }).toEqual({
      start: ['7', '1000000', '1000000'],
      end: ['7', '1000000', '1000000'],
    });
  });

  test('is refused beyond the days that can be summed up', () => {
    const columns = new TelemetryColumns();
    const decoder = new TelemetryDecoder(columns, { dialects: [], runRootNames: [] });
    const spans = [
      { ...ids, startTimeUnixNano: '4294967295999999999', endTimeUnixNano: '4294967295999999999' },
      { ...ids, startTimeUnixNano: '4294967296000000000', endTimeUnixNano: 5 },
      { ...ids, startTimeUnixNano: 5, endTimeUnixNano: '18446744073709551615' },
    ];
    const body = encode('ExportTraceServiceRequest', {
      resourceSpans: [{ scopeSpans: [{ spans }] }],
    });
    expect(decoder.decode('traces', body, CONTEXT)).toMatchObject({
      accepted: 1,
      rejected: 2,
      message:
        '2 spans rejected: start_time_unix_nano is beyond 2106-02-07 (1); end_time_unix_nano is beyond 2106-02-07 (1)',
    });
  });
});

test('a span in plain JSON is the same span', () => {
  const span: Message = { ...ids, name: 'n', kind: 3, startTimeUnixNano: 5n, endTimeUnixNano: 6n };
  const json = `{"resourceSpans":[{"scopeSpans":[{"spans":[${toJson('Span', span, PLAIN)}]}]}]}`;
  expect(decodeBody(transcodeJson('traces', Buffer.from(json)))).toEqual(
    decode(toProtobufObject(span) as object),
  );
});

describe('noise', () => {
  const BENIGN = 'culsans.QueueShutDown';
  const PREFIX = 'a2a.server.events.event_queue_v2';
  const exception = (type: string): object => ({
    name: 'exception',
    attributes: [{ key: 'exception.type', value: { stringValue: type } }],
  });
  const failed = (name: string, ...types: string[]): object => ({
    ...ids,
    name,
    status: { code: 2, message: 'failed' },
    events: types.map(exception),
  });

  function statuses(...spans: object[]): unknown[] {
    const decoder = new TelemetryDecoder(
      new TelemetryColumns(),
      { dialects: [], runRootNames: [] },
      undefined,
      BENIGN_EXCEPTIONS,
    );
    const body = encode('ExportTraceServiceRequest', {
      resourceSpans: [{ scopeSpans: [{ spans }] }],
    });
    decoder.decode('traces', body, CONTEXT);
    const { spans: columns } = plainColumns(decoder.columns) as {
      spans: { statusCode: number[]; statusMessage: string[] };
    };
    return columns.statusCode.map((code, at) => [code, columns.statusMessage[at]]);
  }

  test('alone is no failure; with a real exception, elsewhere or unexplained it stays one', () => {
    expect(
      statuses(
        failed(`${PREFIX}.dequeue`, BENIGN),
        failed(`${PREFIX}.dequeue`, BENIGN, BENIGN),
        failed(`${PREFIX}.dequeue`, BENIGN, 'ValueError'),
        failed(`${PREFIX}.dequeue`, 'RuntimeError'),
        failed(`${PREFIX}.dequeue`),
        failed('other.dequeue', BENIGN),
        { ...failed(`${PREFIX}.dequeue`, BENIGN), status: { code: 1 } },
      ),
    ).toEqual([
      [0, ''],
      [0, ''],
      [2, 'failed'],
      [2, 'failed'],
      [2, 'failed'],
      [2, 'failed'],
      [1, ''],
    ]);
  });

  test('does not hide behind ever more kinds of exceptions', () => {
    const types = Array.from({ length: 100 }, (_, at) => `Error${at}`);
    expect(statuses(failed(PREFIX, BENIGN, ...types))).toEqual([[2, 'failed']]);
  });
});

import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';

import { createProtobufRoot } from '../../test/fixtures/otlp/protobuf-root.ts';
import type { Signal } from '../model/signal.ts';
import { MalformedError } from './protobuf-reader.ts';
import { INVALID_FIELD, transcodeJson } from './transcode-json.ts';

const root = createProtobufRoot();
for (const name of ['Span', 'LogRecord', 'Metric', 'NumberDataPoint', 'HistogramDataPoint']) {
  root.lookupType(name).add(new protobuf.Field('invalid', INVALID_FIELD, 'string'));
}

const REQUEST = {
  traces: ['ExportTraceServiceRequest', 'resourceSpans', 'scopeSpans', 'spans'],
  logs: ['ExportLogsServiceRequest', 'resourceLogs', 'scopeLogs', 'logRecords'],
  metrics: ['ExportMetricsServiceRequest', 'resourceMetrics', 'scopeMetrics', 'metrics'],
} as const;

type Plain = Record<string, unknown>;

/** The whole request, transcoded and read by protobufjs. */
function read(signal: Signal, json: string | Buffer): Plain {
  const type = root.lookupType(REQUEST[signal][0]);
  const bytes = transcodeJson(signal, Buffer.from(json as string));
  return type.toObject(type.decode(bytes), { longs: String, bytes: String });
}

/** The items of a request whose only scope has the items written in `json`. */
function items(signal: Signal, json: string): Plain[] {
  const [, groups, scopes, name] = REQUEST[signal];
  const request = read(signal, `{"${groups}":[{"${scopes}":[{"${name}":[${json}]}]}]}`);
  const scope = (request[groups] as Plain[])[0]![scopes] as Plain[];
  return scope[0]![name] as Plain[];
}

const span = (json: string): Plain => items('traces', json)[0]!;
const value = (json: string): unknown =>
  (span(`{"attributes":[{"key":"k","value":${json}}]}`)['attributes'] as Plain[])[0]!['value'];

describe('ids', () => {
  test('are read as hexadecimal of either case', () => {
    const id = span('{"traceId":"5B8EFFF798038103d269b633813fc60c","spanId":"EEE19b7ec3c1b174"}');
    expect(id).toEqual({
      traceId: Buffer.from('5b8efff798038103d269b633813fc60c', 'hex').toString('base64'),
      spanId: Buffer.from('eee19b7ec3c1b174', 'hex').toString('base64'),
    });
  });

  test.each(['"xyz0"', '"abc"', '"5b8e+/=="', '17', 'true', '{}'])(
    'that are %s cost their span',
    (id) => {
      expect(span(`{"traceId":${id},"name":"n"}`)).toEqual({
        name: 'n',
        invalid: 'traceId is not a hexadecimal id',
      });
    },
  );
});

describe('whole numbers of 64 bits', () => {
  test.each([
    ['"9223372036854775807"', '9223372036854775807'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['"-9223372036854775808"', '-9223372036854775808'],
    ['9007199254740993', '9007199254740993'],
    ['-1', '-1'],
    ['0', '0'],
    ['-0', '0'],
    ['1.0', '1'],
    ['1e3', '1000'],
    ['12.50E1', '125'],
    ['1200e-2', '12'],
    ['"1e3"', '1000'],
    ['4294967296', '4294967296'],
    ['999999999999999', '999999999999999'],
    ['1234567890123456789', '1234567890123456789'],
  ])('%s is taken as %s', (json, expected) => {
    expect(value(`{"intValue":${json}}`)).toEqual({ intValue: expected });
  });

  test.each(['1.5', '"1.5"', '1e19', '9223372036854775808', '-9223372036854775809', '1e-1', '""'])(
    '%s costs its item',
    (json) => {
      expect(span(`{"attributes":[{"key":"k","value":{"intValue":${json}}}]}`)).toEqual({
        attributes: [{ key: 'k', value: {} }],
        invalid: 'intValue is not a whole number of 64 bits',
      });
    },
  );

  test('an exponent beyond any number is refused and not computed', () => {
    const started = performance.now();
    expect(span('{"startTimeUnixNano":1e999999999}')).toEqual({
      invalid: 'startTimeUnixNano is not a whole number from 0 to 2^64-1',
    });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('unsigned ones take all 64 bits and no sign', () => {
    expect(span('{"startTimeUnixNano":"18446744073709551615","endTimeUnixNano":-0}')).toEqual({
      startTimeUnixNano: '18446744073709551615',
    });
    expect(span('{"startTimeUnixNano":18446744073709551616}')).toHaveProperty('invalid');
    expect(span('{"startTimeUnixNano":-1}')).toHaveProperty('invalid');
  });
});

describe('numbers of 32 bits', () => {
  test('keep to their range', () => {
    expect(span('{"flags":4294967295,"droppedLinksCount":"7"}')).toEqual({
      flags: 4294967295,
      droppedLinksCount: 7,
    });
    expect(span('{"flags":4294967296}')).toEqual({
      invalid: 'flags is not a whole number from 0 to 2^32-1',
    });
    const points = items(
      'metrics',
      '{"exponentialHistogram":{"dataPoints":[{"scale":-2147483648},{"scale":2147483647,"positive":{"offset":-3,"bucketCounts":["1",2,18446744073709551615]}}]}}',
    );
    expect(points).toEqual([
      {
        exponentialHistogram: {
          dataPoints: [
            { scale: -2147483648 },
            {
              scale: 2147483647,
              positive: { offset: -3, bucketCounts: ['1', '2', '18446744073709551615'] },
            },
          ],
        },
      },
    ]);
  });
});

describe('enums', () => {
  test.each([
    ['2', 2],
    ['"SPAN_KIND_SERVER"', 2],
    ['"3"', 3],
    ['77', 77],
  ])('%s is taken as %d', (json, expected) => {
    expect(span(`{"kind":${json}}`)).toEqual({ kind: expected });
  });

  test('an unknown name costs the item', () => {
    expect(span('{"kind":"SERVER"}')).toEqual({ invalid: 'kind is not a value of its enum' });
  });
});

describe('doubles', () => {
  test.each([
    ['1.5', 1.5],
    ['-0.0', -0],
    ['"NaN"', Number.NaN],
    ['"Infinity"', Infinity],
    ['"-Infinity"', -Infinity],
    ['"2.5e-3"', 0.0025],
    ['7', 7],
  ])('%s is taken as %d', (json, expected) => {
    expect(value(`{"doubleValue":${json}}`)).toEqual({ doubleValue: expected });
  });

  test.each(['"nan"', '"1,5"', '""', '1e999', 'true', '[]'])('%s costs its item', (json) => {
    expect(span(`{"attributes":[{"key":"k","value":{"doubleValue":${json}}}]}`)).toHaveProperty(
      'invalid',
      'doubleValue is not a number',
    );
  });
});

describe('bytes', () => {
  test.each(['"++//AQ=="', '"--__AQ=="', '"--__AQ"', '"++\\/\\/AQ"'])(
    '%s is taken as base64',
    (json) => {
      expect(value(`{"bytesValue":${json}}`)).toEqual({ bytesValue: '++//AQ==' });
    },
  );

  test.each(['"A"', '"A*=="', '"A B="', '3'])('%s costs its item', (json) => {
    expect(span(`{"attributes":[{"key":"k","value":{"bytesValue":${json}}}]}`)).toHaveProperty(
      'invalid',
      'bytesValue is not base64',
    );
  });
});

describe('strings', () => {
  test.each([
    ['"\\u00e9\\n\\"\\\\\\/\\b\\f\\r\\t"', 'é\n"\\/\b\f\r\t'],
    ['"\\ud83d\\ude00"', '😀'],
    ['"😀 Grüße"', '😀 Grüße'],
    ['"\\ud83d"', '\ufffd'],
    ['"\\ude00x"', '\ufffdx'],
    ['"\\ud83d\\u0041"', '\ufffdA'],
    ['"\\ud83d\\ud83d\\ude00"', '\ufffd😀'],
    ['"\\u0000"', '\0'],
  ])('%s is read with its escapes', (json, expected) => {
    expect(span(`{"name":${json}}`)).toEqual({ name: expected });
  });
});

describe('messages', () => {
  test('take keys in lowerCamelCase and snake_case, also with escapes', () => {
    expect(span('{"trace_state":"a=b","dropped_links_count":1,"na\\u006de":"n"}')).toEqual({
      traceState: 'a=b',
      droppedLinksCount: 1,
      name: 'n',
    });
  });

  test('pass over unknown fields of any kind', () => {
    expect(span('{"x":{"y":[1,{"z":null},"\\u12ab"],"w":true},"":-1.5e3,"name":"n"}')).toEqual({
      name: 'n',
    });
  });

  test('take null as unset, and as an empty value in a list of values', () => {
    expect(
      span(
        '{"name":null,"attributes":[{"key":"k","value":{"arrayValue":{"values":[{"intValue":1},null]}}}],"status":null,"events":null}',
      ),
    ).toEqual({
      attributes: [{ key: 'k', value: { arrayValue: { values: [{ intValue: '1' }, {}] } } }],
    });
  });

  test('take the last of equal keys, also when it is zero', () => {
    expect(span('{"kind":3,"kind":0,"name":"a","name":"b","flags":1,"flags":0}')).toEqual({
      kind: 0,
      name: 'b',
      flags: 0,
    });
  });

  test('leave out zeros that say nothing and keep those that do', () => {
    expect(
      items(
        'metrics',
        '{"name":"","sum":{"isMonotonic":false,"dataPoints":[{"asInt":0,"flags":0}]}}',
      ),
    ).toEqual([{ sum: { dataPoints: [{ asInt: '0' }] } }]);
    expect(items('metrics', '{"histogram":{"dataPoints":[{"sum":0.0,"count":0}]}}')).toEqual([
      { histogram: { dataPoints: [{ sum: 0 }] } },
    ]);
  });

  test('of any length have the length that belongs before them', () => {
    for (const length of [0, 1, 127, 128, 129, 16_383, 16_384, 300_000]) {
      const text = 'x'.repeat(length);
      const [record] = items('logs', `{"body":{"stringValue":"${text}"}}`);
      expect(record).toEqual({ body: { stringValue: text } });
    }
  });
});

describe('a fault in an item', () => {
  test('costs that item and leaves the others as they are', () => {
    expect(items('traces', '{"name":"a"},{"name":5,"kind":1},{"name":"c"}')).toEqual([
      { name: 'a' },
      { kind: 1, invalid: 'name is not a string' },
      { name: 'c' },
    ]);
  });

  test('inside a data point costs the point, and elsewhere in the metric the metric', () => {
    expect(
      items(
        'metrics',
        '{"name":"m","gauge":{"dataPoints":[{"asInt":"x"},{"asInt":1}]}},{"name":"n","sum":{"aggregationTemporality":"x","dataPoints":[{"asInt":2}]}}',
      ),
    ).toEqual([
      {
        name: 'm',
        gauge: {
          dataPoints: [{ invalid: 'asInt is not a whole number of 64 bits' }, { asInt: '1' }],
        },
      },
      {
        name: 'n',
        sum: { dataPoints: [{ asInt: '2' }] },
        invalid: 'aggregationTemporality is not a value of its enum',
      },
    ]);
  });

  test('in a list of numbers costs the point', () => {
    expect(
      items('metrics', '{"histogram":{"dataPoints":[{"bucketCounts":[1,"a"],"count":1}]}}'),
    ).toEqual([
      {
        histogram: {
          dataPoints: [
            {
              count: '1',
              invalid:
                'bucketCounts is not a list with a whole number from 0 to 2^64-1 in every place',
            },
          ],
        },
      },
    ]);
  });

  test('outside of all items refuses the request', () => {
    expect(() => read('traces', '{"resourceSpans":{}}')).toThrow(
      'resourceSpans is not a list with an object in every place at byte 17',
    );
    expect(() =>
      read('logs', '{"resourceLogs":[{"resource":{"attributes":[{"key":7}]}}]}'),
    ).toThrow('key is not a string at byte 51');
  });
});

describe('a text that is no JSON', () => {
  test.each([
    ['', 'the text ends where an object is due at byte 0'],
    ['[]', '"[" where an object is due at byte 0'],
    ['{"a":1', 'the text ends where "," or "}" is due at byte 6'],
    ['{"a":1,}', '"}" where a key is due at byte 7'],
    ['{"a":01}', '"1" where "," or "}" is due at byte 6'],
    ['{"a":-}', '"}" where a digit is due at byte 6'],
    ['{"a":1.}', '"}" where a digit is due at byte 7'],
    ['{"a":tru}', 'where a value is due at byte 5'],
    ['{"a":"\u0001"}', 'a control character in a string at byte 6'],
    ['{"a":"\\x"}', 'an unknown escape in a string at byte 7'],
    ['{"a":"\\u12g4"}', 'an unfinished \\u escape at byte 10'],
    ['{"a":"b', 'the text ends inside a string at byte 7'],
    ['{} {}', '"{" where the end of the text is due at byte 3'],
    ['{"a" 1}', '"1" where ":" is due at byte 5'],
    ['{"a":[1 2]}', '"2" where "," or "]" is due at byte 8'],
    ['{"a":undefined}', '"u" where a value is due at byte 5'],
  ])('%j is refused with the byte that is wrong', (text, message) => {
    expect(() => transcodeJson('traces', Buffer.from(text))).toThrow(MalformedError);
    expect(() => transcodeJson('traces', Buffer.from(text))).toThrow(message);
  });

  test('nesting deeper than any telemetry is refused before it fills the stack', () => {
    const deep = `{"a":${'['.repeat(100_000)}`;
    expect(() => read('traces', deep)).toThrow('nesting deeper than 280 levels at byte 285');
    const values = '{"arrayValue":{"values":['.repeat(40_000);
    expect(() =>
      read('logs', `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${values}`),
    ).toThrow('nesting deeper than 280 levels');
  });
});

test('a byte order mark and white space around the text are passed over', () => {
  expect(read('traces', '\ufeff \n{ "resourceSpans" : [ ] } \r\n')).toEqual({});
});

test('a refused text leaves nothing behind for the next', () => {
  expect(() => read('traces', '{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"x"')).toThrow();
  expect(read('traces', '{"resourceSpans":[{"schemaUrl":"s"}]}')).toEqual({
    resourceSpans: [{ schemaUrl: 's' }],
  });
});

test('a long list of refused items stays a small multiple of its text', () => {
  const text = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${'{"body":1},'.repeat(100_000)}{}]}]}]}`;
  expect(transcodeJson('logs', Buffer.from(text)).length).toBeLessThan(text.length * 5);
});

test('time grows with the text and not with its square', () => {
  // A text of many levels, each of which is moved when its length turns out to need more bytes.
  const levels = 60;
  const body = `${'{"arrayValue":{"values":['.repeat(levels)}{"stringValue":"${'x'.repeat(1 << 20)}"}${']}}'.repeat(levels)}`;
  const started = performance.now();
  transcodeJson(
    'logs',
    Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${body}}]}]}]}`),
  );
  expect(performance.now() - started).toBeLessThan(1000);
});

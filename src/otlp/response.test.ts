import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';

import { createProtobufRoot } from '../../test/fixtures/otlp/protobuf-root.ts';
import { SIGNALS } from '../model/signal.ts';
import {
  encodeExportResponse,
  encodeRpcStatus,
  exportResponseJson,
  rpcStatusJson,
} from './response.ts';

const otlp = createProtobufRoot();
const RESPONSES = {
  traces: ['ExportTraceServiceResponse', 'rejectedSpans'],
  metrics: ['ExportMetricsServiceResponse', 'rejectedDataPoints'],
  logs: ['ExportLogsServiceResponse', 'rejectedLogRecords'],
} as const;

/** The messages of google.rpc as their published definitions have them. */
const google = protobuf.parse(`
  syntax = "proto3";
  package google.rpc;
  message Any { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message RetryInfo { Duration retry_delay = 1; }
  message BadRequest {
    message FieldViolation { string field = 1; string description = 2; }
    repeated FieldViolation field_violations = 1;
  }
`).root;

interface Status {
  code: number;
  message: string;
  details: { typeUrl: string; value: Uint8Array }[];
}

function readStatus(bytes: Buffer): object {
  const type = google.lookupType('google.rpc.Status');
  const { code, message, details } = type.toObject(type.decode(bytes), {
    arrays: true,
  }) as Status;
  return {
    code,
    message,
    details: details.map(({ typeUrl, value }) => {
      const detail = google.lookupType(typeUrl.replace('type.googleapis.com/', ''));
      return { typeUrl, ...detail.toObject(detail.decode(value), { longs: Number }) };
    }),
  };
}

describe.each(SIGNALS)('an answer about %s', (signal) => {
  const [name, rejectedField] = RESPONSES[signal];
  const read = (bytes: Buffer): object => {
    const type = otlp.lookupType(name);
    return type.toObject(type.decode(bytes), { longs: String });
  };

  test('says nothing on full success', () => {
    expect(encodeExportResponse({ rejected: 0, message: '' })).toHaveLength(0);
    expect(exportResponseJson(signal, { rejected: 0, message: '' })).toEqual({});
  });

  test.each([
    { rejected: 300, message: '300 refused: übel' },
    { rejected: 1, message: '' },
    { rejected: 0, message: 'a warning' },
  ])('tells %j alike in both encodings', ({ rejected, message }) => {
    const partialSuccess = {
      ...(rejected === 0 ? {} : { [rejectedField]: String(rejected) }),
      ...(message === '' ? {} : { errorMessage: message }),
    };
    expect(read(encodeExportResponse({ rejected, message }))).toEqual({ partialSuccess });
    expect(exportResponseJson(signal, { rejected, message })).toEqual({
      partialSuccess: { [rejectedField]: String(rejected), errorMessage: message },
    });
  });
});

describe('a status', () => {
  test('of a request that may be sent again tells when, in whole seconds', () => {
    const status = { code: 14, message: 'disk full', retryAfterSeconds: 1.5 };
    expect(readStatus(encodeRpcStatus(status))).toEqual({
      code: 14,
      message: 'disk full',
      details: [
        { typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: { seconds: 2 } },
      ],
    });
    expect(rpcStatusJson(status)).toEqual({
      code: 14,
      message: 'disk full',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' }],
    });
  });

  test('of a request that is wrong describes what is bad', () => {
    const status = { code: 3, message: 'no JSON at byte 7' };
    expect(readStatus(encodeRpcStatus(status))).toEqual({
      ...status,
      details: [
        {
          typeUrl: 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: [{ description: 'no JSON at byte 7' }],
        },
      ],
    });
    expect(rpcStatusJson(status)).toEqual({
      ...status,
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: [{ description: 'no JSON at byte 7' }],
        },
      ],
    });
  });

  test('of anything else has no details', () => {
    const status = { code: 16, message: 'Credentials are missing or wrong.' };
    expect(readStatus(encodeRpcStatus(status))).toEqual({ ...status, details: [] });
    expect(rpcStatusJson(status)).toEqual(status);
  });
});

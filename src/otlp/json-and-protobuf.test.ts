import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { mulberry32 } from '../cli/demo/random.ts';
import {
  anyRequest,
  PLAIN,
  REQUESTS,
  toJson,
  toProtobufObject,
} from '../../test/fixtures/otlp/generated-request.ts';
import type { Message } from '../../test/fixtures/otlp/generated-request.ts';
import { plainColumns } from '../../test/fixtures/otlp/plain-columns.ts';
import { createEncoder, createProtobufRoot } from '../../test/fixtures/otlp/protobuf-root.ts';
import { shuffleFields } from '../../test/fixtures/otlp/shuffle-fields.ts';
import { SIGNALS } from '../model/signal.ts';
import type { Signal } from '../model/signal.ts';
import { TelemetryColumns } from '../model/telemetry-columns.ts';
import { DIALECTS } from '../semconv/dialects.ts';
import { RUN_ROOT_NAMES } from '../semconv/run-root.ts';
import { TelemetryDecoder } from './telemetry-decoder.ts';
import { transcodeJson } from './transcode-json.ts';

const CONTEXT = { project: 'default', receivedAtMs: 1_790_000_000_000 };
const encode = createEncoder();
const root = createProtobufRoot();
const decoder = new TelemetryDecoder(new TelemetryColumns(), {
  dialects: DIALECTS,
  runRootNames: RUN_ROOT_NAMES,
});

function decoded(signal: Signal, body: Buffer): object {
  decoder.reset();
  // Of two faults in one item, which one is named depends on the order of fields.
  const { message: _, ...outcome } = decoder.decode(signal, body, CONTEXT);
  return { outcome, columns: plainColumns(decoder.columns) };
}

const toProtobuf = (signal: Signal, message: Message): Buffer =>
  encode(REQUESTS[signal], toProtobufObject(message) as object);

describe.each(SIGNALS)('a generated request of %s', (signal) => {
  test('is transcoded to the bytes that protobufjs reads as the same message', () => {
    fc.assert(
      fc.property(anyRequest(signal), (message) => {
        const type = root.lookupType(REQUESTS[signal]);
        const json = Buffer.from(toJson(REQUESTS[signal], message, PLAIN));
        // Fields that are zero may be written or left out.
        const read = (bytes: Buffer): object =>
          type.toObject(type.decode(bytes), { defaults: true, longs: String, bytes: String });
        expect(read(transcodeJson(signal, json))).toEqual(read(toProtobuf(signal, message)));
      }),
      { numRuns: 150 },
    );
  });

  test('gives the same rows from JSON, however written, as from protocol buffers', () => {
    fc.assert(
      fc.property(anyRequest(signal), fc.nat(), (message, seed) => {
        const random = mulberry32(seed);
        const style = { choose: (count: number) => Math.floor(random() * count) };
        const json = Buffer.from(toJson(REQUESTS[signal], message, style));
        expect(decoded(signal, transcodeJson(signal, json))).toEqual(
          decoded(signal, toProtobuf(signal, message)),
        );
      }),
      { numRuns: 150 },
    );
  });

  test('gives the same rows in any order of fields, with unknown ones between them', () => {
    fc.assert(
      fc.property(anyRequest(signal), fc.nat(), (message, seed) => {
        const random = mulberry32(seed);
        const bytes = toProtobuf(signal, message);
        const shuffled = shuffleFields(bytes, REQUESTS[signal], (count) =>
          Math.floor(random() * count),
        );
        expect(decoded(signal, shuffled)).toEqual(decoded(signal, bytes));
      }),
      { numRuns: 100 },
    );
  });
});

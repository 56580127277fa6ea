import { expect, test } from 'vitest';

import { TelemetryDecoder } from '../otlp/telemetry-decoder.ts';
import { transcodeJson } from '../otlp/transcode-json.ts';
import { DIALECTS } from '../semconv/dialects.ts';
import { TelemetryColumns } from './telemetry-columns.ts';
import { touchesGenAi, touchedTraces, unpackTouched } from './touched-traces.ts';

const span = (traceId: string, spanId: string, startMs: number, endMs: number, name: string) => ({
  traceId: traceId.repeat(32),
  spanId: spanId.repeat(16),
  name,
  startTimeUnixNano: `${startMs}000000`,
  endTimeUnixNano: `${endMs}000000`,
});

test('every trace of a segment is told once, with where its spans are and whether an agent is in it', () => {
  const columns = new TelemetryColumns();
  const decoder = new TelemetryDecoder(columns, { dialects: DIALECTS, runRootNames: [] });
  const spans = [
    span('a', '1', 1_795_176_000_500, 1_795_176_000_900, 'GET /'),
    span('b', '1', 1_795_176_000_000, 0, 'GET /'),
    span('a', '2', 1_795_176_000_100, 1_795_176_000_200, 'invoke_agent planner'),
  ];
  const json = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  decoder.decode('traces', transcodeJson('traces', json), { project: 'p', receivedAtMs: 0 });
  const [touched, ...more] = touchedTraces(columns.spans);
  expect([touched!.project, more]).toEqual(['p', []]);
  expect(unpackTouched(touched!.packed)).toEqual([
    {
      traceId: 'a'.repeat(32),
      startMinMs: 1_795_176_000_100,
      endMaxMs: 1_795_176_000_900,
      spans: 2,
      hasGenAi: true,
    },
    {
      traceId: 'b'.repeat(32),
      startMinMs: 1_795_176_000_000,
      endMaxMs: 1_795_176_000_000,
      spans: 1,
      hasGenAi: false,
    },
  ]);
  const [agents, others] = [touched!.packed.subarray(0, 40), touched!.packed.subarray(40)];
  expect(touchesGenAi([{ project: 'p', packed: others }])).toBe(false);
  expect(touchesGenAi([{ project: 'p', packed: Buffer.concat([others, agents]) }])).toBe(true);
  expect(() => unpackTouched(new Uint8Array(41))).toThrow(RangeError);
});

import { parseArgs } from 'node:util';

import { TelemetryColumns } from '../src/model/telemetry-columns.ts';
import { TelemetryDecoder } from '../src/otlp/telemetry-decoder.ts';
import { transcodeJson } from '../src/otlp/transcode-json.ts';
import { DIALECTS } from '../src/semconv/dialects.ts';
import { RUN_ROOT_NAMES } from '../src/semconv/run-root.ts';
import type { Message } from '../test/fixtures/otlp/generated-request.ts';
import { PLAIN, REQUESTS, toJson } from '../test/fixtures/otlp/generated-request.ts';
import { createProtobufRoot } from '../test/fixtures/otlp/protobuf-root.ts';
import { encodeGenAiRequest } from './workload/genai-workload.ts';
import { encodeTracegenRequest } from './workload/tracegen-workload.ts';

/**
 * How fast requests become rows: our decoder, GenAI view included, beside protobufjs' generated decoder with the
 * plainest flattening into rows, and JSON by our transcoder beside `JSON.parse` with the same flattening. All in
 * one process and in turns, so that what else the machine does hits all alike.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '8' },
    requests: { type: 'string', default: '20' },
    spans: { type: 'string', default: '500' },
  },
});

const START = 1_790_000_000_000_000_000n;
const CONTEXT = { project: 'default', receivedAtMs: 1_790_000_000_000 };
const type = createProtobufRoot().lookupType(REQUESTS.traces);
const withView = new TelemetryDecoder(new TelemetryColumns(), {
  dialects: DIALECTS,
  runRootNames: RUN_ROOT_NAMES,
});
const withoutView = new TelemetryDecoder(new TelemetryColumns(), {
  dialects: [],
  runRootNames: [],
});

interface PlainSpan {
  readonly traceId: Uint8Array | string;
  readonly spanId: Uint8Array | string;
  readonly parentSpanId?: Uint8Array | string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: unknown;
  readonly endTimeUnixNano: unknown;
  readonly attributes?: readonly { key: string; value: Record<string, unknown> }[];
  readonly status?: { code: number; message: string };
}

interface PlainRequest {
  readonly resourceSpans: readonly {
    readonly resource: { attributes: readonly { key: string; value: Record<string, unknown> }[] };
    readonly scopeSpans: readonly { scope: { name: string }; spans: readonly PlainSpan[] }[];
  }[];
}

/** One row per span, as any store would want them: ids in hex and attributes by key. */
function flatten(request: PlainRequest, rows: object[]): void {
  for (const group of request.resourceSpans) {
    const service = group.resource.attributes.find(({ key }) => key === 'service.name')?.value;
    for (const { scope, spans } of group.scopeSpans) {
      for (const span of spans) {
        const attributes: Record<string, unknown> = {};
        for (const { key, value } of span.attributes ?? []) {
          attributes[key] =
            value['stringValue'] ?? value['intValue'] ?? value['doubleValue'] ?? value;
        }
        rows.push({
          service: service?.['stringValue'],
          scope: scope.name,
          traceId: idText(span.traceId),
          spanId: idText(span.spanId),
          parentSpanId: span.parentSpanId === undefined ? '' : idText(span.parentSpanId),
          name: span.name,
          kind: span.kind,
          start: span.startTimeUnixNano,
          end: span.endTimeUnixNano,
          status: span.status?.code ?? 0,
          attributes,
        });
      }
    }
  }
}

function idText(id: Uint8Array | string): string {
  if (typeof id === 'string') return id;
  // protobufjs has an empty array for a field that is absent.
  return id.length === 0 ? '' : Buffer.from(id.buffer, id.byteOffset, id.length).toString('hex');
}

type Contender =
  | 'ours'
  | 'oursWithoutView'
  | 'protobufjs'
  | 'protobufjsRows'
  | 'json'
  | 'jsonParse';

/** Each way to decode all requests; returns how many rows came out. */
function contenders(
  bodies: readonly Buffer[],
  jsons: readonly Buffer[],
): Record<Contender, () => number> {
  const ours = (decoder: TelemetryDecoder, read: (at: number) => Buffer): number => {
    decoder.reset();
    return bodies.reduce(
      (rows, _, at) => rows + decoder.decode('traces', read(at), CONTEXT).accepted,
      0,
    );
  };
  const flattened = (read: (at: number) => unknown): object[] => {
    const rows: object[] = [];
    bodies.forEach((_, at) => flatten(read(at) as PlainRequest, rows));
    return rows;
  };
  return {
    ours: () => ours(withView, (at) => bodies[at]!),
    oursWithoutView: () => ours(withoutView, (at) => bodies[at]!),
    protobufjs: () => flattened((at) => type.decode(bodies[at]!)).length,
    // Columns are bytes that a store takes; so are lines of JSON.
    protobufjsRows: () => {
      const lines = flattened((at) => type.decode(bodies[at]!)).map((row) => JSON.stringify(row));
      return Buffer.from(lines.join('\n')).length > lines.length ? lines.length : 0;
    },
    json: () => ours(withView, (at) => transcodeJson('traces', jsons[at]!)),
    jsonParse: () => flattened((at) => JSON.parse(jsons[at]!.toString('utf8'))).length,
  };
}

function measure(workload: string, bodies: readonly Buffer[]): void {
  const jsons = bodies.map((body) => {
    const message: Message = type.toObject(type.decode(body), { longs: String });
    return Buffer.from(toJson(REQUESTS.traces, message, PLAIN));
  });
  const spans = Number(values.spans) * bodies.length;
  const best: Partial<Record<Contender, number>> = {};
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, run] of Object.entries(contenders(bodies, jsons)) as [
      Contender,
      () => number,
    ][]) {
      const before = process.cpuUsage();
      const rows = run();
      const { user, system } = process.cpuUsage(before);
      if (rows !== spans) throw new Error(`${name} gave ${rows} rows of ${spans}`);
      best[name] = Math.max(best[name] ?? 0, (spans / (user + system)) * 1e6);
    }
  }
  const ratio = (a: Contender, b: Contender): number => Number((best[a]! / best[b]!).toFixed(2));
  const size = (all: readonly Buffer[]): number =>
    Math.round(all.reduce((sum, { length }) => sum + length, 0) / spans);
  console.log(
    JSON.stringify(
      {
        workload,
        bytesPerSpan: size(bodies),
        jsonBytesPerSpan: size(jsons),
        spansPerCpuSecond: Object.fromEntries(
          Object.entries(best).map(([name, rate]) => [name, Math.round(rate)]),
        ),
        ratios: {
          'ours / protobufjs and rows as objects': ratio('ours', 'protobufjs'),
          'ours / protobufjs and rows as bytes': ratio('ours', 'protobufjsRows'),
          'ours without the GenAI view / protobufjs and rows as objects': ratio(
            'oursWithoutView',
            'protobufjs',
          ),
          'JSON, ours / JSON.parse and rows as objects': ratio('json', 'jsonParse'),
        },
      },
      undefined,
      2,
    ),
  );
}

const generate = (encode: typeof encodeGenAiRequest): Buffer[] =>
  Array.from({ length: Number(values.requests) }, (_, seed) =>
    encode(seed, Number(values.spans), START),
  );
measure('genai', generate(encodeGenAiRequest));
measure('tracegen', generate(encodeTracegenRequest));

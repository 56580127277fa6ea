import { gzipSync } from 'node:zlib';

import type { Signal } from '../../../src/model/signal.ts';
import { transcodeJson } from '../../../src/otlp/transcode-json.ts';

/** An export request whose items can be told from all others. */
export interface NumberedRequest {
  readonly signal: Signal;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What identifies its items once they are stored. */
  readonly ids: readonly string[];
}

export interface NumberedOptions {
  /** Distinguishes senders. */
  readonly lane: number;
  /** Distinguishes the sender's requests. */
  readonly index: number;
  readonly items?: number;
  /** Text that each item carries beside its id; begins with the id, so that no two are stored as one. */
  readonly ballast?: string;
}

/** Requests of all signals, encodings and compressions in turn. */
export function createNumberedRequest(options: NumberedOptions): NumberedRequest {
  const { lane, index } = options;
  const signal = (['traces', 'traces', 'logs', 'metrics'] as const)[index % 4]!;
  return encodeRequest(signal, options, {
    encoding: (lane + index) % 2 === 0 ? 'json' : 'protobuf',
    gzip: Math.floor(index / 2) % 2 === 0,
  });
}

export function encodeRequest(
  signal: Signal,
  options: NumberedOptions,
  { encoding, gzip }: { encoding: 'json' | 'protobuf'; gzip: boolean },
): NumberedRequest {
  const ids = Array.from(
    { length: options.items ?? 3 },
    (_, item) => `${signal}-${options.lane}-${options.index}-${item}`,
  );
  const json = Buffer.from(JSON.stringify(CONTENT[signal](ids, options)));
  const plain = encoding === 'json' ? json : transcodeJson(signal, json);
  return {
    signal,
    ids,
    headers: {
      'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    },
    body: gzip ? gzipSync(plain) : plain,
  };
}

type Content = (ids: readonly string[], options: NumberedOptions) => object;

const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });
const attributesOf = (id: string, { ballast }: NumberedOptions): object[] =>
  ballast === undefined ? [text('id', id)] : [text('id', id), text('ballast', `${id} ${ballast}`)];
const hex = (digits: number, ...numbers: readonly number[]): string =>
  numbers.map((number) => number.toString(16).padStart(digits / numbers.length, '0')).join('');
const resource = {
  attributes: [text('service.name', 'numbered'), text('gen_ai.agent.name', 'counter')],
};
const nowNano = (): string => `${Date.now()}000000`;

const CONTENT: Readonly<Record<Signal, Content>> = {
  traces: (ids, options) => ({
    resourceSpans: [
      {
        resource,
        scopeSpans: [
          {
            spans: ids.map((id, item) => ({
              traceId: hex(32, options.lane + 1, options.index + 1),
              spanId: hex(16, options.lane + 1, item + 1),
              name: 'invoke_agent counter',
              kind: 1,
              startTimeUnixNano: nowNano(),
              endTimeUnixNano: nowNano(),
              attributes: attributesOf(id, options),
            })),
          },
        ],
      },
    ],
  }),
  logs: (ids, options) => ({
    resourceLogs: [
      {
        resource,
        scopeLogs: [
          {
            logRecords: ids.map((id) => ({
              timeUnixNano: nowNano(),
              body: { stringValue: 'counted' },
              attributes: attributesOf(id, options),
            })),
          },
        ],
      },
    ],
  }),
  metrics: (ids, options) => ({
    resourceMetrics: [
      {
        resource,
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'count',
                gauge: {
                  dataPoints: ids.map((id) => ({
                    timeUnixNano: nowNano(),
                    asInt: '1',
                    attributes: attributesOf(id, options),
                  })),
                },
              },
            ],
          },
        ],
      },
    ],
  }),
};

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { startCollector } from '../../test/harness/collector.ts';
import type { Collector } from '../../test/harness/collector.ts';
import { eventually } from '../../test/harness/eventually.ts';
import type { SpanBatch } from '../model/outgoing-telemetry.ts';
import { otlpTargetOf } from './otlp-target.ts';
import { Spool } from './spool.ts';
import { createTraceExporter } from './trace-exporter.ts';
import type { TraceExporterOptions } from './trace-exporter.ts';

const origin = { resource: { 'service.name': 'x' }, scope: { name: 's', version: '1' } };

function batchOf(...names: string[]): SpanBatch {
  const spans = names.map((name, i) => ({
    traceId: 'ab'.repeat(16),
    spanId: String(i).padStart(16, '0'),
    parentSpanId: '',
    name,
    kind: 1,
    startNs: 1_763_712_000_000_000_001n,
    endNs: 1_763_712_000_000_000_002n,
    attributes: { text: 'a', count: 2, share: 0.5, none: undefined, list: ['x', 1] },
    events: [],
    status: { code: 0 },
  }));
  return { origin, spans };
}

let collector: Collector;
let directory: string;
const problems: string[] = [];
beforeEach(async () => {
  collector = await startCollector();
  directory = mkdtempSync(join(tmpdir(), 'signalbox-exporter-'));
  problems.length = 0;
});
afterEach(async () => {
  await collector.close();
  rmSync(directory, { recursive: true });
});

function exporterWith(
  options: Partial<TraceExporterOptions> & { spool?: true; url?: string } = {},
) {
  const target = otlpTargetOf('traces', { endpoint: options.url ?? collector.url })!;
  return createTraceExporter({
    destination: {
      kind: 'otlp',
      target,
      ...(options.spool && { spoolDirectory: join(directory, 'spool') }),
    },
    retry: { attemptsMax: 1, firstDelayMs: 1 },
    onProblem: (message) => problems.push(message),
    ...options,
  });
}

const namesOf = ({ requests }: Collector): string[][] =>
  requests.map(({ json }) =>
    json.resourceSpans.flatMap((each: { scopeSpans: { spans: { name: string }[] }[] }) =>
      each.scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
    ),
  );

describe('a trace exporter', () => {
  test('sends spans in requests of so many, in their order', async () => {
    const exporter = exporterWith({ batchSpansMax: 2 });
    exporter.export(batchOf('a', 'b', 'c'));
    exporter.export(batchOf('d'));
    await exporter.shutdown();
    expect(namesOf(collector)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(exporter.counts()).toEqual({ accepted: 4, rejected: 0, dropped: 0 });
    expect(collector.requests[0]!.json.resourceSpans[0].scopeSpans[0].spans[0]).toEqual({
      traceId: 'ab'.repeat(16),
      spanId: '0000000000000000',
      flags: 257,
      name: 'a',
      kind: 1,
      startTimeUnixNano: '1763712000000000001',
      endTimeUnixNano: '1763712000000000002',
      attributes: [
        { key: 'text', value: { stringValue: 'a' } },
        { key: 'count', value: { intValue: '2' } },
        { key: 'share', value: { doubleValue: 0.5 } },
        {
          key: 'list',
          value: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: '1' }] } },
        },
      ],
      events: [],
      status: {},
    });
  });

  test('sends after its interval what is no full request', async () => {
    const exporter = exporterWith({ flushIntervalMs: 20 });
    exporter.export(batchOf('a'));
    await eventually('the span', () => collector.requests[0]);
    await exporter.shutdown();
  });

  test('drops aloud what its queue does not hold, and what nobody takes', async () => {
    const exporter = exporterWith({ queueSpansMax: 2, url: 'http://127.0.0.1:1' });
    exporter.export(batchOf('a', 'b', 'c'));
    await exporter.shutdown();
    expect(exporter.counts()).toEqual({ accepted: 0, rejected: 0, dropped: 3 });
    expect(problems).toEqual([
      '1 spans were dropped: more spans wait than may',
      expect.stringContaining('cannot be reached'),
      '2 spans were dropped: the receiver did not take them',
    ]);
  });

  test('counts what a receiver rejects', async () => {
    const exporter = exporterWith();
    collector.answers.push(
      { status: 200, body: '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"bad"}}' },
      { status: 400, body: 'no' },
    );
    exporter.export(batchOf('a', 'b'));
    await exporter.flush();
    exporter.export(batchOf('c'));
    await exporter.shutdown();
    expect(exporter.counts()).toEqual({ accepted: 1, rejected: 2, dropped: 0 });
    expect(problems).toEqual(['bad', `${collector.url}/v1/traces answered 400: no`]);
  });

  test('keeps what is spooled while the key is refused, and drops what is refused for itself', async () => {
    collector.answers.push({ status: 400, body: 'no span' }, { status: 403, body: 'no key' });
    const denied = exporterWith({ spool: true, batchSpansMax: 1 });
    denied.export(batchOf('bad'));
    await denied.flush();
    denied.export(batchOf('kept'));
    await denied.shutdown();
    expect(denied.counts()).toEqual({ accepted: 0, rejected: 1, dropped: 0 });
    expect(problems[1]).toMatch(/answered 403: no key; the spans wait on the disk/);
    const mended = exporterWith({ spool: true });
    await mended.shutdown();
    expect(mended.counts()).toEqual({ accepted: 1, rejected: 0, dropped: 0 });
    expect(namesOf(collector)).toEqual([['bad'], ['kept'], ['kept']]);
  });

  test('keeps spooled requests until they are taken, across a restart, each sent once', async () => {
    const down = exporterWith({ spool: true, url: 'http://127.0.0.1:1' });
    down.export(batchOf('a'));
    await down.flush();
    down.export(batchOf('b'));
    await down.shutdown();
    expect(down.counts()).toEqual({ accepted: 0, rejected: 0, dropped: 0 });
    const up = exporterWith({ spool: true });
    await up.flush();
    up.export(batchOf('c'));
    await up.shutdown();
    expect(namesOf(collector)).toEqual([['a'], ['b'], ['c']]);
    expect(readdirSync(join(directory, 'spool'))).toEqual([]);
    expect(up.counts()).toEqual({ accepted: 3, rejected: 0, dropped: 0 });
  });

  test('appends a request a line to a file', async () => {
    const path = join(directory, 'traces.jsonl');
    const exporter = exporterWith({ destination: { kind: 'file', path }, batchSpansMax: 1 });
    exporter.export(batchOf('a', 'b'));
    await exporter.shutdown();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(
      lines.map((line) => JSON.parse(line).resourceSpans[0].scopeSpans[0].spans[0].name),
    ).toEqual(['a', 'b']);
  });
});

describe('a spool', () => {
  test('holds no more than its bound, but always one', () => {
    const spool = new Spool(directory, 10);
    expect(spool.append('1', Buffer.alloc(20))).toBe(true);
    expect(spool.append('2', Buffer.alloc(1))).toBe(false);
    spool.remove('1');
    expect(spool.append('2', Buffer.alloc(1))).toBe(true);
    expect(spool.names()).toEqual(['2']);
  });

  test('keeps what it has under a name, and forgets what was half written', () => {
    const spool = new Spool(directory);
    spool.append('b', Buffer.from('first'));
    spool.append('b', Buffer.from('second'));
    spool.append('a', Buffer.from('before'));
    writeFileSync(join(directory, 'c.otlp.json.part'), 'half');
    const again = new Spool(directory);
    expect(again.names()).toEqual(['a', 'b']);
    again.remove('a');
    expect(again.first()).toEqual({ name: 'b', json: Buffer.from('first') });
    expect(readdirSync(directory)).toEqual(['b.otlp.json']);
  });
});

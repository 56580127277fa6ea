import { expect, test } from 'vitest';

import type { TraceStoreUnderTest } from './conformance-trace-requests.ts';
import {
  ALWAYS,
  at,
  chat,
  createFinder,
  NOON_MS,
  NOON_NS,
  request,
  traceIdOf,
} from './conformance-trace-requests.ts';
import type { SpanCondition, TracePosition } from './trace-store.ts';

const DAY_MS = 86_400_000;

/** The tests of `findTraces` and `matchTraces`. */
export function testTraceSearch(opened: () => TraceStoreUnderTest, newProject: () => string): void {
  const { find, match } = createFinder(() => opened().store);

  test('finds what is on resources, scopes and in payloads that came with another segment', async () => {
    const project = newProject();
    const long = `A long NOTE about Zürich ${'and so on '.repeat(200)}`;
    const spans = (id: number) => [{ id, attributes: { note: long } }];
    const origin = { project, resource: { zone: 'eu' }, scopeAttributes: { lang: 'ts' } };
    await opened().write([request(1, spans(1), origin)], NOON_MS - 3 * DAY_MS);
    await opened().write([request(2, spans(2), origin)], NOON_MS);
    await opened().write([request(3, [{ id: 3 }], { project })]);
    const both = [traceIdOf(2), traceIdOf(1)];
    expect(await find(project, { kind: 'attribute', key: 'zone', value: 'eu' })).toEqual(both);
    expect(await find(project, { kind: 'attribute', key: 'lang', value: 'ts' })).toEqual(both);
    expect(await find(project, { kind: 'attribute', key: 'note', value: long })).toEqual(both);
    expect(await find(project, { kind: 'text', value: 'note about zÜRICH' })).toEqual(both);
    expect(await find(project, { kind: 'attribute', key: 'zone', value: 'EU' })).toEqual([]);
    const [span] = await opened().store.listSpans(project, traceIdOf(1), {
      after: undefined,
      limit: 1,
    });
    expect(await opened().store.getResources(project, [span!.resourceId])).toHaveLength(1);
    expect(await opened().store.getScopes(project, [span!.scopeId])).toHaveLength(1);
    const digits = /[0-9a-f]{32}/.exec(span!.attributes.values[0]!)![0];
    expect(await opened().store.getPayloads(project, [digits])).toEqual(new Map([[digits, long]]));
    // The digits of a reference are not text of the sender's.
    expect(await find(project, { kind: 'text', value: digits.slice(0, 8) })).toEqual([]);
  });

  test('finds by each condition the spans that fit, and no others', async () => {
    const project = newProject();
    await opened().write([
      request(1, [{ id: 1, name: 'Load Orders', lastsNs: 10 }], { project, service: 'a' }),
      request(2, [{ id: 2, lastsNs: 20, error: true }], { project, service: 'b' }),
      request(3, [{ id: 3, lastsNs: 30, attributes: chat('gpt', 1, 1) }], { project }),
      request(
        4,
        [
          {
            id: 4,
            lastsNs: 40,
            attributes: {
              'gen_ai.response.model': 'gpt',
              'gen_ai.operation.name': 'chat',
              "q'\\": "it's \\ \n",
            },
          },
        ],
        { project },
      ),
    ]);
    const ids = (...traces: number[]) => traces.map(traceIdOf);
    expect(await find(project)).toEqual(ids(4, 3, 2, 1));
    expect(await find(project, { kind: 'field', field: 'service', values: ['a'] })).toEqual(ids(1));
    expect(await find(project, { kind: 'field', field: 'agent', values: ['b'] })).toEqual(ids(2));
    expect(await find(project, { kind: 'field', field: 'model', values: ['gpt'] })).toEqual(
      ids(4, 3),
    );
    const either = { kind: 'field', field: 'service', values: ['a', 'b', "c'"] } as const;
    expect(await find(project, either)).toEqual(ids(2, 1));
    const chats = { kind: 'field', field: 'operation', values: ['chat'] } as const;
    expect(await find(project, chats)).toEqual(ids(4, 3));
    expect(await find(project, { kind: 'error' })).toEqual(ids(2));
    expect(await find(project, { kind: 'text', value: 'load ord' })).toEqual(ids(1));
    expect(await find(project, { kind: 'text', value: 'BROKEN' })).toEqual(ids(2));
    expect(await find(project, { kind: 'attribute', key: "q'\\", value: "it's \\ \n" })).toEqual(
      ids(4),
    );
    expect(
      await find(project, { kind: 'attribute', key: 'gen_ai.request.model', value: 'gp' }),
    ).toEqual([]);
    const duration = (minNs?: bigint, maxNs?: bigint): SpanCondition => ({
      kind: 'duration',
      minNs,
      maxNs,
    });
    expect(await find(project, duration(20n, 30n))).toEqual(ids(3, 2));
    expect(await find(project, duration(31n))).toEqual(ids(4));
    expect(await find(project, duration(undefined, 10n))).toEqual(ids(1));
    expect(await find(project, duration(9_999_999_999_999_999_999n))).toEqual([]);
  });

  test('takes a range from inclusive to exclusive, and times that no clock shows', async () => {
    const project = newProject();
    await opened().write([
      request(1, [{ id: 1, atNs: 10 }], { project }),
      request(2, [{ id: 2, atNs: 20 }], { project }),
      request(3, [{ id: 3, atNs: 30 }], { project }),
    ]);
    const range = { fromNs: NOON_NS + 10n, toNs: NOON_NS + 30n };
    expect(await find(project, undefined, range)).toEqual([traceIdOf(2), traceIdOf(1)]);
    expect(await match(project, [1, 2, 3], undefined, [], range)).toEqual([at(1, 10), at(2, 20)]);
    const far = 99_999_999_999_999n * 1_000_000n;
    expect(await find(project, undefined, { fromNs: far, toNs: undefined })).toEqual([]);
    expect(await find(project, undefined, { fromNs: 0n, toNs: far })).toHaveLength(3);
    expect(await find(project, undefined, { fromNs: -far, toNs: -far })).toEqual([]);
  });

  test('looks at spans in order and says from where to go on, until there are no more', async () => {
    const project = newProject();
    // One trace has many spans; the others lie behind it, two of them at the same time.
    const many = Array.from({ length: 2_500 }, (_, index) => ({
      id: index + 1,
      atNs: 100 + index,
    }));
    await opened().write([
      request(50, many, { project }),
      request(1, [{ id: 1, atNs: 3 }], { project }),
      request(3, [{ id: 1, atNs: 2 }], { project }),
      request(2, [{ id: 1, atNs: 2 }], { project }),
    ]);
    const seen: string[] = [];
    let from: TracePosition | undefined;
    let steps = 0;
    do {
      const step = await opened().store.findTraces(project, {
        range: ALWAYS,
        condition: undefined,
        from,
        except: [],
      });
      seen.push(...step.traces.map(({ traceId }) => traceId));
      from = step.next;
      steps++;
    } while (from !== undefined && steps < 100);
    expect(steps).toBeGreaterThan(1);
    expect(seen.slice(-3)).toEqual([1, 3, 2].map(traceIdOf));
    expect(new Set(seen.slice(0, -3))).toEqual(new Set([traceIdOf(50)]));
    const past = await opened().store.findTraces(project, {
      range: ALWAYS,
      condition: undefined,
      from: undefined,
      except: [traceIdOf(50), traceIdOf(3)],
    });
    expect(past).toEqual({ traces: [at(1, 3), at(2, 2)], next: undefined });
    const behind = await opened().store.findTraces(project, {
      range: ALWAYS,
      condition: undefined,
      from: at(3, 2),
      except: [],
    });
    expect(behind).toEqual({ traces: [at(2, 2)], next: undefined });
  });

  test('matches traces that have a span for each condition, at the newest for the first', async () => {
    const project = newProject();
    await opened().write([
      request(
        1,
        [
          { id: 1, atNs: 5 },
          { id: 2, atNs: 9, error: true },
        ],
        { project, service: 'a' },
      ),
      request(1, [{ id: 3, atNs: 7, lastsNs: 77 }], { project, service: 'b' }),
      request(2, [{ id: 1, atNs: 6, lastsNs: 77 }], { project, service: 'a' }),
    ]);
    const a: SpanCondition = { kind: 'field', field: 'service', values: ['a'] };
    const b: SpanCondition = { kind: 'field', field: 'service', values: ['b'] };
    const long: SpanCondition = { kind: 'duration', minNs: 77n, maxNs: 77n };
    const fine: SpanCondition = { kind: 'no_error' };
    expect(await match(project, [1, 2], a)).toEqual([at(1, 9), at(2, 6)]);
    expect(await match(project, [1, 2], b, [a])).toEqual([at(1, 7)]);
    expect(await match(project, [1, 2], long, [a])).toEqual([at(1, 7), at(2, 6)]);
    expect(await match(project, [1, 2, 9], a, [long, b])).toEqual([at(1, 9)]);
    expect(await match(project, [1, 2], fine)).toEqual([at(2, 6)]);
    expect(await match(project, [1, 2], a, [fine])).toEqual([at(2, 6)]);
    // Spans out of the range count for no condition but this one.
    const range = { fromNs: undefined, toNs: NOON_NS + 8n };
    expect(await match(project, [1, 2], a, [], range)).toEqual([at(1, 5), at(2, 6)]);
    expect(await match(project, [1, 2], a, [fine], range)).toEqual([at(2, 6)]);
    expect(await match(project, [1, 2], { kind: 'error' }, [], range)).toEqual([]);
    expect(await match(project, [], a)).toEqual([]);
  });
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { TraceStoreUnderTest } from './conformance-trace-requests.ts';
import {
  attributesOf,
  chat,
  createFinder,
  hex,
  NOON_NS,
  ALWAYS,
  request,
  traceIdOf,
} from './conformance-trace-requests.ts';
import { testTraceEvents } from './conformance-trace-events.ts';
import { testTraceSearch } from './conformance-trace-search.ts';
import type { SpanOutline } from './span-outline.ts';
import type { SpanCondition, TraceStore } from './trace-store.ts';

/** Every implementation of `TraceStore` must pass this. `open` gives an empty store. */
export function testTraceStore(name: string, open: () => Promise<TraceStoreUnderTest>): void {
  describe(`${name} as a TraceStore`, () => {
    let opened: TraceStoreUnderTest;
    let store: TraceStore;
    let projects = 0;
    /** Tests do not see each other's telemetry: each has a project of its own. */
    const newProject = (): string => `project-${projects++}`;
    beforeAll(async () => {
      opened = await open();
      ({ store } = opened);
    });
    afterAll(async () => {
      await opened?.close();
    });

    const { find, match } = createFinder(() => store);

    testTraceSearch(() => opened, newProject);
    testTraceEvents(() => opened, newProject);

    test('gives a span back as it was stored', async () => {
      const project = newProject();
      await opened.write([
        {
          project,
          body: {
            resourceSpans: [
              {
                resource: {
                  attributes: attributesOf({ 'service.name': 'shop', 'service.version': '7' }),
                  droppedAttributesCount: 3,
                },
                schemaUrl: 'https://schema/resource',
                scopeSpans: [
                  {
                    scope: {
                      name: 'lib',
                      version: '2',
                      attributes: attributesOf({ a: 'b' }),
                      droppedAttributesCount: 4,
                    },
                    schemaUrl: 'https://schema/scope',
                    spans: [
                      {
                        traceId: traceIdOf(1),
                        spanId: hex(2, 8),
                        parentSpanId: hex(3, 8),
                        traceState: 'v=1',
                        flags: 257,
                        name: 'naïve "name"',
                        kind: 3,
                        startTimeUnixNano: '1795176000000000001',
                        endTimeUnixNano: '1795176000000000000',
                        attributes: attributesOf({ one: 1, two: 'x' }),
                        droppedAttributesCount: 5,
                        events: [{ timeUnixNano: '1', name: 'e' }],
                        droppedEventsCount: 6,
                        links: [{ traceId: traceIdOf(8), spanId: hex(9, 8) }],
                        droppedLinksCount: 4294967295,
                        status: { code: 2, message: 'no' },
                      },
                    ],
                  },
                ],
              },
            ],
          },
        },
      ]);
      const [span] = await store.listSpans(project, traceIdOf(1), { after: undefined, limit: 10 });
      const { resourceId, scopeId, genai, ...rest } = span!;
      expect(rest).toEqual({
        traceId: traceIdOf(1),
        spanId: hex(2, 8),
        parentSpanId: hex(3, 8),
        traceState: 'v=1',
        flags: 257,
        name: 'naïve "name"',
        kind: 3,
        startNs: NOON_NS + 1n,
        durationNs: -1n,
        statusCode: 2,
        statusMessage: 'no',
        attributes: { keys: ['one', 'two'], values: ['1', 'x'], types: 'is' },
        droppedAttributes: 5,
        events: '[{"timeUnixNano":"1","name":"e"}]',
        droppedEvents: 6,
        links: `[{"traceId":"${traceIdOf(8)}","spanId":"${hex(9, 8)}"}]`,
        droppedLinks: 4294967295,
      });
      expect(genai).toMatchObject({ agent: 'shop', inputTokens: null, reportedCost: null });
      expect(await store.getResources(project, [resourceId])).toEqual([
        {
          id: resourceId,
          name: 'shop',
          version: '7',
          schemaUrl: 'https://schema/resource',
          attributes: {
            keys: ['service.name', 'service.version'],
            values: ['shop', '7'],
            types: 'ss',
          },
          droppedAttributes: 3,
        },
      ]);
      expect(await store.getScopes(project, [scopeId])).toEqual([
        {
          id: scopeId,
          name: 'lib',
          version: '2',
          schemaUrl: 'https://schema/scope',
          attributes: { keys: ['a'], values: ['b'], types: 's' },
          droppedAttributes: 4,
        },
      ]);
    });

    test('shows no project what belongs to another, in any answer', async () => {
      const [mine, other] = [newProject(), newProject()];
      const long = 'secret '.repeat(300);
      const span = { id: 1, name: 'hidden', attributes: { note: long, tag: 'x' }, error: true };
      const origin = { service: 'hidden', resource: { region: 'mars' }, scope: 'hidden' };
      await opened.write([request(7, [span], { ...origin, project: other })]);
      await opened.write([request(8, [{ id: 1 }], { project: mine })]);
      const [stored] = await store.listSpans(other, traceIdOf(7), { after: undefined, limit: 1 });
      const hash = /[0-9a-f]{32}/.exec(stored!.attributes.values[0]!)![0];
      expect((await store.getPayloads(other, [hash])).get(hash)).toBe(long);

      expect(await store.listSpans(mine, traceIdOf(7), { after: undefined, limit: 1 })).toEqual([]);
      expect(await store.getTraceStart(mine, traceIdOf(7))).toBeUndefined();
      const outline = { traceStartNs: NOON_NS, after: undefined, limit: 1 };
      expect((await store.listOutline(mine, traceIdOf(7), outline)).spanIds).toEqual([]);
      const hidden = { text: 'hidden', limit: 1 };
      expect(await store.findSpans(mine, traceIdOf(7), hidden)).toEqual([]);
      expect(await store.listEvents(mine, traceIdOf(7), 10)).toEqual([]);
      expect(await store.getPayloads(mine, [hash])).toEqual(new Map());
      expect(await store.getResources(mine, [stored!.resourceId])).toEqual([]);
      expect(await store.getScopes(mine, [stored!.scopeId])).toEqual([]);
      expect(await store.summarizeTraces(mine, [traceIdOf(7)])).toEqual([]);
      expect(await store.countStored(mine)).toEqual({ spans: 1, logRecords: 0, metricPoints: 0 });
      expect(await find(mine)).toEqual([traceIdOf(8)]);
      const conditions: SpanCondition[] = [
        { kind: 'field', field: 'agent', values: ['hidden'] },
        { kind: 'field', field: 'service', values: ['hidden'] },
        { kind: 'attribute', key: 'tag', value: 'x' },
        { kind: 'attribute', key: 'region', value: 'mars' },
        { kind: 'attribute', key: 'note', value: long },
        { kind: 'text', value: 'secret' },
        { kind: 'error' },
      ];
      for (const condition of conditions) {
        expect(await find(other, condition), JSON.stringify(condition)).toEqual([traceIdOf(7)]);
        expect(await find(mine, condition)).toEqual([]);
        expect(await match(mine, [7], condition)).toEqual([]);
      }
    });

    test('outlines a trace by column, page by page, in the order of its spans, each once', async () => {
      const project = newProject();
      const spans = [
        { id: 1, atNs: 100, lastsNs: 900, name: 'x'.repeat(400) },
        { id: 3, parent: 1, atNs: 300, lastsNs: 50, attributes: chat('m', 1, 2), error: true },
        { id: 2, parent: 1, atNs: 300, lastsNs: -400, name: 'open' },
      ];
      await opened.write([request(4, spans, { project, service: 'team' })]);
      await opened.write([request(4, [{ ...spans[1]!, name: 'sent again' }], { project })]);
      const traceId = traceIdOf(4);
      expect(await store.getTraceStart(project, traceIdOf(5))).toBeUndefined();
      const traceStartNs = (await store.getTraceStart(project, traceId))!;
      expect(traceStartNs).toBe(NOON_NS + 100n);
      const page = { traceStartNs, after: undefined, limit: 2 };
      const first = await store.listOutline(project, traceId, page);
      expect(spelledOut(first)).toEqual({
        spanIds: [hex(1, 8), hex(2, 8)],
        startNs: [0, 200],
        durationNs: [900, -400],
        kinds: [1, 1],
        statusCodes: [0, 0],
        parents: ['', hex(1, 8)],
        names: ['x'.repeat(300), 'open'],
        services: ['team', 'team'],
        agents: ['team', 'team'],
        operations: ['', ''],
        requestModels: ['', ''],
        responseModels: ['', ''],
        tools: ['', ''],
        errorTypes: ['', ''],
        conversations: ['', ''],
      });
      const after = { startNs: first.startNs[1]!, spanId: first.spanIds[1]! };
      const second = spelledOut(await store.listOutline(project, traceId, { ...page, after }));
      expect([second.spanIds, second.statusCodes, second.requestModels, second.operations]).toEqual(
        [[hex(3, 8)], [2], ['m'], ['chat']],
      );
    });

    test('lists the spans of a trace that are named, and those in which a text stands', async () => {
      const project = newProject();
      const long = `${'filler '.repeat(300)}needle`;
      await opened.write([
        request(
          6,
          [
            { id: 1, name: 'Needle work' },
            { id: 2, parent: 1, attributes: { note: long } },
            { id: 3, parent: 1, attributes: { note: 'nothing' } },
          ],
          { project },
        ),
        request(7, [{ id: 9, name: 'needle' }], { project }),
      ]);
      const query = { after: undefined, limit: 10 };
      const named = await store.listSpans(project, traceIdOf(6), {
        ...query,
        spanIds: [hex(3, 8), hex(9, 8), hex(1, 8)],
      });
      expect(named.map(({ spanId }) => spanId)).toEqual([hex(1, 8), hex(3, 8)]);
      expect(await store.listSpans(project, traceIdOf(6), { ...query, spanIds: [] })).toEqual([]);
      const found = (text: string, limit = 10) =>
        store.findSpans(project, traceIdOf(6), { text, limit });
      expect((await found('NEEDLE')).toSorted()).toEqual([hex(1, 8), hex(2, 8)]);
      expect(await found('needle', 1)).toHaveLength(1);
      expect(await found('%')).toEqual([]);
    });

    test('summarises a trace from its root, or its earliest span while there is none', async () => {
      const project = newProject();
      await opened.write([
        request(1, [{ id: 2, parent: 1, atNs: 0, lastsNs: 5, name: 'child', error: true }], {
          project,
          service: 'late',
        }),
        request(1, [{ id: 1, atNs: 1, lastsNs: 10, name: 'root' }], { project, service: 'first' }),
        request(
          2,
          [
            { id: 5, parent: 4, atNs: 9, name: 'b' },
            { id: 6, parent: 4, atNs: 8, name: 'a' },
          ],
          {
            project,
            service: 'orphans',
          },
        ),
      ]);
      const rows = await store.summarizeTraces(project, [1, 2, 3].map(traceIdOf));
      expect(rows.toSorted((x, y) => (x.traceId < y.traceId ? -1 : 1))).toEqual([
        {
          traceId: traceIdOf(1),
          rootName: 'root',
          rootService: 'first',
          rootAgent: 'first',
          startNs: NOON_NS,
          endNs: NOON_NS + 11n,
          spanCount: 2,
          errorCount: 1,
          models: [],
          inputTokens: null,
          outputTokens: null,
        },
        {
          traceId: traceIdOf(2),
          rootName: 'a',
          rootService: 'orphans',
          rootAgent: 'orphans',
          startNs: NOON_NS + 8n,
          endNs: NOON_NS + 1009n,
          spanCount: 2,
          errorCount: 0,
          models: [],
          inputTokens: null,
          outputTokens: null,
        },
      ]);
    });

    test('counts the tokens of a call once, whoever repeats them', async () => {
      const project = newProject();
      const agent = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'a' };
      const usage = { 'gen_ai.usage.input_tokens': 300, 'gen_ai.usage.output_tokens': 30 };
      await opened.write([
        // A wrapper with other counts around the call, and a request below the call.
        request(
          1,
          [
            { id: 1, attributes: { ...agent, ...usage } },
            { id: 2, parent: 1, name: 'turn' },
            { id: 3, parent: 2, attributes: chat('wrapped', 90, 10) },
            { id: 4, parent: 3, name: 'retry' },
            { id: 5, parent: 4, attributes: chat('gpt', 100, 10) },
            { id: 6, parent: 5, name: 'POST' },
            { id: 7, parent: 2, attributes: chat('gpt', 200, 20) },
          ],
          { project },
        ),
        request(
          2,
          [
            { id: 1, attributes: { ...agent, ...usage } },
            { id: 2, parent: 1 },
          ],
          { project },
        ),
        request(
          3,
          [{ id: 1, attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' } }],
          { project },
        ),
      ]);
      // Sent again in another batch.
      await opened.write([
        request(1, [{ id: 7, parent: 2, attributes: chat('gpt', 200, 20) }], { project }),
      ]);
      const rows = await store.summarizeTraces(project, [1, 2, 3].map(traceIdOf));
      const tokens = new Map(
        rows.map((row) => [
          row.traceId,
          [row.inputTokens, row.outputTokens, row.spanCount, row.models],
        ]),
      );
      expect(tokens).toEqual(
        new Map<string, unknown[]>([
          [traceIdOf(1), [300, 30, 7, ['gpt', 'wrapped']]],
          [traceIdOf(2), [300, 30, 2, []]],
          [traceIdOf(3), [null, null, 1, ['m']]],
        ]),
      );
    });

    test('lists spans by start and id, page by page, each id once', async () => {
      const project = newProject();
      const spans = Array.from({ length: 25 }, (_, index) => ({
        id: 100 - index,
        atNs: Math.floor(index / 3),
      }));
      await opened.write([request(1, spans, { project })]);
      // The same again, one of them at a later time than first said.
      await opened.write([request(1, [...spans.slice(5, 20), { id: 100, atNs: 8 }], { project })]);
      const seen: { startNs: bigint; spanId: string }[] = [];
      let after: { startNs: bigint; spanId: string } | undefined;
      for (;;) {
        const page = await store.listSpans(project, traceIdOf(1), { after, limit: 4 });
        seen.push(...page.map(({ startNs, spanId }) => ({ startNs, spanId })));
        after = seen.at(-1);
        if (page.length < 4) break;
      }
      const expected = spans
        .map(({ id, atNs }) => ({ startNs: NOON_NS + BigInt(atNs), spanId: hex(id, 8) }))
        .toSorted((x, y) =>
          x.startNs === y.startNs ? (x.spanId < y.spanId ? -1 : 1) : x.startNs < y.startNs ? -1 : 1,
        );
      expect(seen).toEqual(expected);
      expect(await store.listSpans(project, traceIdOf(2), { after: undefined, limit: 4 })).toEqual(
        [],
      );
    });

    test('takes thousands of ids at once', async () => {
      const project = newProject();
      const texts = Array.from({ length: 3_000 }, (_, index) => `${index} ${'word '.repeat(210)}`);
      await opened.write(
        texts.map((text, index) =>
          request(index + 1, [{ id: 1, attributes: { text } }], { project, resource: { index } }),
        ),
      );
      const traceIds = texts.map((_, index) => traceIdOf(index + 1));
      const spans = await Promise.all(
        [1, 3_000].map((trace) =>
          store.listSpans(project, traceIdOf(trace), { after: undefined, limit: 1 }),
        ),
      );
      const known = spans.map(([span]) => /[0-9a-f]{32}/.exec(span!.attributes.values[0]!)![0]);
      const hashes = [...Array.from({ length: 9_000 }, (_, index) => hex(index, 16)), ...known];
      expect(await store.getPayloads(project, hashes)).toEqual(
        new Map([
          [known[0], texts[0]],
          [known[1], texts[2_999]],
        ]),
      );
      const origins = [...hashes, ...spans.map(([span]) => span!.resourceId)];
      expect(await store.getResources(project, origins)).toHaveLength(2);
      expect(await store.summarizeTraces(project, traceIds)).toHaveLength(3_000);
      expect(
        await match(
          project,
          texts.map((_, index) => index + 1),
          undefined,
        ),
      ).toHaveLength(3_000);
      // A text in more payloads than a statement has room for, and an attribute of as many resources.
      expect(await match(project, [1, 2_000], { kind: 'text', value: 'WORD word' })).toHaveLength(
        2,
      );
      expect(
        await match(project, [1, 2_000], { kind: 'attribute', key: 'service.name', value: 'svc' }),
      ).toHaveLength(2);
      const none = {
        range: ALWAYS,
        condition: undefined,
        from: undefined,
        except: traceIds.slice(0, 500),
      };
      expect((await store.findTraces(project, none)).traces).toHaveLength(1_000);
    });

    test('keeps text as it is, whatever it consists of', async () => {
      const project = newProject();
      const texts = [
        '',
        ' ',
        '\0',
        '\b\f\n\r\t',
        `'"\\`,
        '${x}',
        '\u2028\u2029',
        '💡',
        '\u0001',
        '{}',
        'a=b',
      ];
      const attributes = Object.fromEntries(texts.map((text) => [`key ${text}`, text]));
      await opened.write([request(1, [{ id: 1, name: texts.join('|'), attributes }], { project })]);
      const [span] = await store.listSpans(project, traceIdOf(1), { after: undefined, limit: 1 });
      expect(span!.name).toBe(texts.join('|'));
      expect(span!.attributes.keys).toEqual(Object.keys(attributes));
      expect(span!.attributes.values).toEqual(texts);
      for (const value of texts) {
        const condition: SpanCondition = { kind: 'attribute', key: `key ${value}`, value };
        expect(await find(project, condition), JSON.stringify(value)).toEqual([traceIdOf(1)]);
      }
    });
  });
}

/** The outline with its texts in place of their numbers. */
function spelledOut({ words, ...outline }: SpanOutline) {
  const { parents, names, services, agents, operations, requestModels, responseModels } = outline;
  const read = (codes: readonly number[]) => codes.map((code) => words[code]);
  return {
    ...outline,
    parents: read(parents),
    names: read(names),
    services: read(services),
    agents: read(agents),
    operations: read(operations),
    requestModels: read(requestModels),
    responseModels: read(responseModels),
    tools: read(outline.tools),
    errorTypes: read(outline.errorTypes),
    conversations: read(outline.conversations),
  };
}

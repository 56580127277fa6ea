import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { AnyValue, GenAiView, KeyValue } from '../../test/fixtures/dialects/decode-spans.ts';
import { createViewer, viewsOf } from '../../test/fixtures/dialects/decode-spans.ts';
import { DIALECTS } from './dialects.ts';

const KEYS = [
  ...new Set(DIALECTS.flatMap(({ attributes }) => Object.keys(attributes))),
  '__proto__',
  'constructor',
  'http.route',
];
const COUNT_KEYS = [
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.output_tokens',
  'gen_ai.usage.cache_read.input_tokens',
  'gen_ai.usage.cache_write.input_tokens',
  'gen_ai.usage.reasoning.output_tokens',
  'gen_ai.usage.cost',
];
const SCOPES = [
  '',
  'my-tracer',
  ...DIALECTS.flatMap(({ scopes }) => scopes ?? []).filter((scope) => typeof scope === 'string'),
];
const WORDS = [
  ...DIALECTS.flatMap(({ kinds }) => Object.keys(kinds ?? {})),
  'constructor',
  'toString',
  '__proto__',
  '"gpt-4o"',
  '"',
  '""',
  '<not specified>',
  '[',
  '{',
  'gpt-4o',
  'claude-sonnet-4-5',
  'langchain',
  'openai',
  'gcp.gemini',
  'aws.bedrock',
  'false',
];
const COUNTS = {
  input_tokens: 10,
  output_tokens: 5,
  input: 7,
  output: 3,
  input_cached_tokens: 900,
  output_reasoning_tokens: -4,
  usage: { inputTokens: 2.5, outputTokens: '12', thoughtsTokens: 1e300 },
  replies: [null, { meta: { usage: { prompt_tokens: 4 }, model: ['x'] } }],
};
const NAMES = [
  'invoke_agent gpt-4o',
  'execute_tool (merged tools)',
  'agent.run',
  'agent_run [x]',
  'a.b.agent',
  'chat',
  '__proto__',
];

const scalar: fc.Arbitrary<AnyValue> = fc.oneof(
  fc.constantFrom(...WORDS).map((stringValue) => ({ stringValue })),
  fc.string({ unit: 'binary' }).map((stringValue) => ({ stringValue })),
  fc.oneof(fc.integer(), fc.double()).map((number) => ({ stringValue: String(number) })),
  fc.constant({ stringValue: JSON.stringify(COUNTS) }),
  fc.json().map((stringValue) => ({ stringValue })),
  fc.nat(2000).map((number) => ({ intValue: String(number) })),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((number) => ({ intValue: String(number) })),
  fc.double().map((number) => ({ doubleValue: String(number) })),
  fc.boolean().map((boolValue) => ({ boolValue })),
  fc.base64String().map((bytesValue) => ({ bytesValue })),
  fc.constant({}),
);
const { value } = fc.letrec<{ value: AnyValue; list: AnyValue; map: AnyValue }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, { weight: 6, arbitrary: scalar }, tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
  map: fc
    .array(fc.record({ key: fc.constantFrom('usage', 'total', '*', 'x'), value: tie('value') }), {
      maxLength: 3,
    })
    .map((values) => ({ kvlistValue: { values } })),
}));
const attributes: fc.Arbitrary<KeyValue[]> = fc.uniqueArray(
  fc.record({
    key: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...KEYS) },
      { weight: 2, arbitrary: fc.constantFrom(...COUNT_KEYS) },
      { weight: 1, arbitrary: fc.string() },
    ),
    value,
  }),
  { selector: ({ key }) => key, maxLength: 40 },
);
const spanParts = {
  name: fc.oneof(fc.constantFrom(...NAMES), fc.string()),
  scope: fc.constantFrom(...SCOPES).map((name) => ({ name })),
  attributes,
};

const isCount = (count: number | null): boolean =>
  count === null || (Number.isSafeInteger(count) && count >= 0);

function faultsOf(view: GenAiView): string[] {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = view;
  const cached = (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0);
  const faults: [string, boolean][] = [
    ['input', !isCount(inputTokens)],
    ['output', !isCount(outputTokens)],
    ['cache read', !isCount(cacheReadTokens)],
    ['cache write', !isCount(cacheWriteTokens)],
    ['reasoning', !isCount(reasoningTokens)],
    [
      'cost',
      view.reportedCost !== null && !(view.reportedCost >= 0 && view.reportedCost < Infinity),
    ],
    ['more cached than input', inputTokens !== null && cached > inputTokens],
    ['more reasoning than output', outputTokens !== null && (reasoningTokens ?? 0) > outputTokens],
    ['call and aggregate', view.modelCall && view.aggregate],
  ];
  return faults.filter(([, isFault]) => isFault).map(([name]) => name);
}

describe('whatever a span says', () => {
  test('its view has no count that cannot be one', () => {
    const view = createViewer();
    fc.assert(
      fc.property(fc.record(spanParts), ({ name, scope, attributes: list }) => {
        expect(faultsOf(view([{ name, attributes: list }], { scope })[0]!)).toEqual([]);
      }),
      { numRuns: 1500 },
    );
  });

  test('the order of its attributes changes nothing', () => {
    const view = createViewer();
    const shuffled = fc
      .record(spanParts)
      .chain((parts) =>
        fc
          .shuffledSubarray(parts.attributes, { minLength: parts.attributes.length })
          .map((other) => ({ ...parts, other })),
      );
    fc.assert(
      fc.property(shuffled, ({ name, scope, attributes: list, other }) => {
        const [first, second] = view(
          [
            { name, attributes: list },
            { name, attributes: other },
          ],
          { scope },
        );
        expect(second).toEqual(first);
      }),
      { numRuns: 800 },
    );
  });

  test('what was seen before it changes nothing', () => {
    const view = createViewer();
    fc.assert(
      fc.property(fc.record(spanParts), ({ name, scope, attributes: list }) => {
        const span = { name, attributes: list };
        expect(view([span], { scope })).toEqual(viewsOf([span], { scope }));
      }),
      { numRuns: 400 },
    );
  });
});

const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } });
const int = (key: string, count: number): KeyValue => ({ key, value: { intValue: `${count}` } });

describe('the agent of a span', () => {
  const resource = [text('service.name', 'resource-service')];
  const agentOf = (list: readonly KeyValue[], name = 'work'): string =>
    viewsOf([{ name, attributes: list }], { resource })[0]!.agent;
  const candidates = [
    text('gen_ai.agent.name', 'by-gen-ai'),
    text('agent.name', 'by-agent-name'),
    text('ai.telemetry.functionId', 'by-alias'),
    text('service.name', 'by-span-service'),
  ];

  test('is the most particular name that there is', () => {
    const name = 'invoke_agent by-span-name';
    expect([
      agentOf(candidates, name),
      agentOf(candidates.slice(1), name),
      agentOf(candidates.slice(2), name),
      agentOf([text('service.name', 'by-span-service')], name),
      agentOf([text('service.name', 'by-span-service')]),
      agentOf([]),
    ]).toEqual([
      'by-gen-ai',
      'by-agent-name',
      'by-alias',
      'by-span-name',
      'by-span-service',
      'resource-service',
    ]);
  });

  test('is not an empty name, a list, or a text too long to be a name', () => {
    const list = { key: 'gen_ai.agent.name', value: { arrayValue: { values: [] } } };
    expect([
      agentOf([text('gen_ai.agent.name', ''), text('agent.name', 'next')]),
      agentOf([list, text('agent.name', 'next')]),
      agentOf([text('gen_ai.agent.name', 'x'.repeat(1025)), text('agent.name', 'next')]),
      agentOf([text('gen_ai.agent.name', 'x'.repeat(1024))]),
    ]).toEqual(['next', 'next', 'next', 'x'.repeat(1024)]);
  });

  test('is the name of the trace only where the service has none', () => {
    const trace = [text('langfuse.trace.name', 'the-trace')];
    const span = { name: 'work', attributes: trace };
    const named = (service: string): string =>
      viewsOf([span], { resource: [text('service.name', service)] })[0]!.agent;
    expect([named('desk'), named('unknown_service:node'), viewsOf([span])[0]!.agent]).toEqual([
      'desk',
      'the-trace',
      'the-trace',
    ]);
  });
});

describe('where dialects meet on one span', () => {
  test('the general conventions are believed and the particular dialect is named', () => {
    const both = [
      text('openinference.span.kind', 'LLM'),
      text('llm.model_name', 'particular'),
      int('llm.token_count.prompt', 10),
      text('gen_ai.request.model', 'general'),
      int('gen_ai.usage.input_tokens', 11),
    ];
    const { dialect, requestModel, inputTokens } = viewsOf([{ name: 'x', attributes: both }])[0]!;
    expect([dialect, requestModel, inputTokens]).toEqual(['openinference', 'general', 11]);
  });

  test('conversations are looked for from the made-to-measure to the general to the borrowed', () => {
    const keys = [
      'gen_ai.conversation.id',
      'langfuse.session.id',
      'session.id',
      'traceloop.association.properties.session_id',
      'langsmith.metadata.thread_id',
      'mlflow.trace.session',
      'gcp.vertex.agent.session_id',
      'agent.session_id',
      'conversation.id',
    ];
    const found = keys.map((_, from) => {
      const list = keys.slice(from).map((key) => text(key, key));
      return viewsOf([{ name: 'x', attributes: list.toReversed() }])[0]!.conversation;
    });
    expect(found).toEqual(keys);
  });

  test('users are looked for in the same way', () => {
    const keys = [
      'user.id',
      'langfuse.user.id',
      'enduser.id',
      'ai.telemetry.metadata.userId',
      'traceloop.association.properties.user_id',
      'langsmith.metadata.user_id',
      'mlflow.trace.user',
      'gen_ai.request.user',
      'gen_ai.user',
      'llm.user',
    ];
    const found = keys.map((_, from) => {
      const list = keys.slice(from).map((key) => text(key, key));
      return viewsOf([{ name: 'x', attributes: list.toReversed() }])[0]!.user;
    });
    expect(found).toEqual(keys);
  });
});

describe('errors', () => {
  const span = (list: KeyValue[], rest: object = {}): string =>
    viewsOf([{ name: 'x', attributes: list, ...rest }])[0]!.errorType;
  const events = [{ name: 'exception', attributes: [text('exception.type', 'OSError')] }];

  test('take the type that is said, then the exception’s, then that of an unnamed one', () => {
    const failed = { status: { code: 2 } };
    expect([
      span([text('error.type', '429')], { ...failed, events }),
      span([], { ...failed, events }),
      span([], failed),
      span([text('langfuse.observation.level', 'ERROR')], { status: { code: 1 } }),
      span([text('langfuse.observation.level', 'WARNING')]),
      span([]),
    ]).toEqual(['429', 'OSError', '_OTHER', '_OTHER', '', '']);
  });
});

test('JSON beyond 256 KiB is not searched, and not refused', () => {
  const usage = (padding: number): KeyValue[] => [
    text('mlflow.chat.tokenUsage', JSON.stringify({ input_tokens: 4, x: 'x'.repeat(padding) })),
  ];
  const inputs = [10, 300_000].map(
    (padding) => viewsOf([{ name: 'x', attributes: usage(padding) }])[0]!.inputTokens,
  );
  expect(inputs).toEqual([4, null]);
});

describe('counts that cannot be', () => {
  const view = (operation: string, sent: KeyValue['value']) =>
    viewsOf([
      {
        name: 'x',
        attributes: [
          text('gen_ai.operation.name', operation),
          { key: 'gen_ai.usage.input_tokens', value: sent },
        ],
      },
    ])[0]!;
  const seen = (operation: string, sent: KeyValue['value']): unknown => {
    const { inputTokens, tokensInvalid } = view(operation, sent);
    return [inputTokens, tokensInvalid];
  };

  test.each([
    ['no number', { doubleValue: Number.NaN }],
    ['no end', { doubleValue: Number.POSITIVE_INFINITY }],
    ['a part of a token', { doubleValue: 0.5 }],
    ['less than nothing', { intValue: '-1' }],
    ['a word', { stringValue: 'NaN' }],
  ])('%s adds nothing and is told of', (_, sent) => {
    expect(seen('chat', sent)).toEqual([null, true]);
  });

  test('a call is not believed beyond what any can use, a sum over a run is', () => {
    expect(seen('chat', { intValue: '50000000' })).toEqual([50_000_000, false]);
    expect(seen('chat', { intValue: '50000001' })).toEqual([null, true]);
    expect(seen('invoke_agent', { intValue: '50000001' })).toEqual([50_000_001, false]);
    expect(seen('invoke_agent', { intValue: '1000000001' })).toEqual([null, true]);
  });
});

/** OTLP/JSON as an agent's SDK sends it. */

export interface SentSpan {
  readonly id: number;
  readonly parent?: number;
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
  readonly error?: string;
  readonly events?: readonly {
    readonly name: string;
    readonly atMs: number;
    readonly attributes?: Readonly<Record<string, string | number>>;
  }[];
}

export interface SentTrace {
  readonly traceId: string;
  readonly service: string;
  readonly startedAtMs: number;
  readonly spans: readonly SentSpan[];
}

const keyValue = ([key, value]: readonly [string, string | number]) => ({
  key,
  value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
});

const hex = (id: number) => id.toString(16).padStart(16, '0');

const nano = (ms: number) => `${Math.round(ms * 1000)}000`;

function encode({ traceId, service, startedAtMs, spans }: SentTrace) {
  return {
    resourceSpans: [
      {
        resource: {
          attributes: Object.entries({
            'service.name': service,
            'telemetry.sdk.language': 'nodejs',
          }).map(keyValue),
        },
        scopeSpans: [
          {
            scope: { name: 'browser-test', version: '1.0.0' },
            spans: spans.map((span) => ({
              traceId,
              spanId: hex(span.id),
              ...(span.parent === undefined ? {} : { parentSpanId: hex(span.parent) }),
              name: span.name,
              kind: 1,
              startTimeUnixNano: nano(startedAtMs + span.startMs),
              endTimeUnixNano: nano(startedAtMs + span.startMs + span.durationMs),
              attributes: Object.entries(span.attributes ?? {}).map(keyValue),
              status: span.error === undefined ? {} : { code: 2, message: span.error },
              events: (span.events ?? []).map(({ name, atMs, attributes }) => ({
                name,
                timeUnixNano: nano(startedAtMs + atMs),
                attributes: Object.entries(attributes ?? {}).map(keyValue),
              })),
            })),
          },
        ],
      },
    ],
  };
}

export async function sendTrace(url: string, key: string, trace: SentTrace): Promise<void> {
  await post(`${url}/v1/traces`, key, encode(trace));
}

export interface SentLog {
  readonly body: string | Readonly<Record<string, string | number>>;
  readonly atMs: number;
  readonly severity?: number;
  readonly event?: string;
  readonly traceId?: string;
  /** As in `SentSpan`. */
  readonly span?: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

export async function sendLogs(
  url: string,
  key: string,
  { service, records }: { readonly service: string; readonly records: readonly SentLog[] },
): Promise<void> {
  const logRecords = records.map((record) => ({
    timeUnixNano: nano(record.atMs),
    severityNumber: record.severity ?? 9,
    body:
      typeof record.body === 'string'
        ? { stringValue: record.body }
        : { kvlistValue: { values: Object.entries(record.body).map(keyValue) } },
    attributes: Object.entries(record.attributes ?? {}).map(keyValue),
    ...(record.event === undefined ? {} : { eventName: record.event }),
    ...(record.traceId === undefined ? {} : { traceId: record.traceId }),
    ...(record.span === undefined ? {} : { spanId: hex(record.span) }),
  }));
  await post(`${url}/v1/logs`, key, {
    resourceLogs: [
      {
        resource: { attributes: [keyValue(['service.name', service])] },
        scopeLogs: [{ scope: { name: 'browser-test' }, logRecords }],
      },
    ],
  });
}

async function post(url: string, key: string, body: unknown): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });
  if (answer.status !== 200) {
    throw new Error(`sending answered ${answer.status}: ${await answer.text()}`);
  }
}

const chat = (input: number, output: number) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'anthropic',
  'gen_ai.request.model': 'claude-haiku-4-5',
  'gen_ai.usage.input_tokens': input,
  'gen_ai.usage.output_tokens': output,
});

const tool = (name: string) => ({
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': name,
});

/** One run of an agent with two model calls, a tool call that fails, and content that means harm. */
export function refundRun(traceId: string, agent: string, startedAtMs: number): SentTrace {
  return {
    traceId,
    service: agent,
    startedAtMs,
    spans: [
      {
        id: 1,
        name: `invoke_agent ${agent}`,
        startMs: 0,
        durationMs: 9000,
        attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': agent },
      },
      {
        id: 2,
        parent: 1,
        name: 'chat claude-haiku-4-5',
        startMs: 10,
        durationMs: 2800,
        attributes: chat(4120, 210),
      },
      {
        id: 3,
        parent: 1,
        name: 'execute_tool stripe.create_refund',
        startMs: 3000,
        durationMs: 1100,
        error: '402 the charge is refunded already',
        attributes: {
          ...tool('stripe.create_refund'),
          'gen_ai.tool.call.arguments': '{"charge":"ch_3Pq","amount":124000}',
          'hostile.html': '<img src=x onerror="document.title=\'owned\'"><script>alert(1)</script>',
          'hostile.bidi': 'photo\u202Egpj.exe',
          'hostile.terminal': '\u001b[31mred\u001b[0m',
          'hostile.huge': 'lorem ipsum '.repeat(50_000),
        },
      },
      {
        id: 4,
        parent: 1,
        name: 'chat claude-haiku-4-5',
        startMs: 4200,
        durationMs: 4700,
        attributes: chat(5320, 110),
      },
    ],
  };
}

/** A trace of `count` spans: a root, and workers of 49 calls each. */
export function wideRun(
  traceId: string,
  agent: string,
  startedAtMs: number,
  count: number,
): SentTrace {
  const spans: SentSpan[] = [];
  for (let id = 1; id <= count; id++) {
    const worker = id - ((id - 2) % 50);
    const isRoot = id === 1;
    const isWorker = !isRoot && id === worker;
    spans.push({
      id,
      ...(isRoot ? {} : { parent: isWorker ? 1 : worker }),
      name: isRoot ? 'batch run' : isWorker ? `worker ${id}` : `step ${id}`,
      startMs: id - 1,
      durationMs: isRoot ? count : isWorker ? 50 : 1,
      attributes: {
        'gen_ai.agent.name': agent,
        ...(isRoot ? { 'gen_ai.operation.name': 'invoke_agent' } : {}),
      },
      ...(id === count - 7 ? { error: 'timed out' } : {}),
    });
  }
  return { traceId, service: agent, startedAtMs, spans };
}

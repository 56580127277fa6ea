import { mulberry32 } from '../../src/cli/demo/random.ts';
import { attributesOf, MODELS } from './genai-workload.ts';
import { ProtobufWriter, writeAttribute } from './protobuf-writer.ts';
import { randomBytes } from './random.ts';

/**
 * One trace of many spans, as a long-running team of agents leaves it: an agent that starts others, each with some
 * turns of a model call with its HTTP request below it and a tool call; 23 attributes on agents, models and tools.
 */

const SPANS_PER_REQUEST = 1_000;
const TURNS_PER_AGENT = 40;
const SPANS_PER_TURN = 3;
const SPANS_PER_AGENT = 1 + TURNS_PER_AGENT * SPANS_PER_TURN;
const TOOLS = ['search_web', 'get_order', 'create_refund', 'read_file', 'run_sql'];
const TURN_NS = 30_000_000n;

export interface LargeTrace {
  readonly traceId: string;
  readonly spanCount: number;
  readonly startNs: bigint;
}

/** The trace's export requests, of a thousand spans each. */
export function* encodeLargeTrace({
  traceId,
  spanCount,
  startNs,
}: LargeTrace): Generator<Buffer, void> {
  const random = mulberry32(spanCount);
  const id = Buffer.from(traceId, 'hex');
  const root = randomBytes(random, 8);
  let agent = root;
  let chat = root;
  for (let first = 0; first < spanCount; first += SPANS_PER_REQUEST) {
    const writer = new ProtobufWriter();
    writer.message(1, (resourceSpans) => {
      resourceSpans.message(1, (resource) => {
        writeAttribute(resource, 1, 'service.name', 'research-team');
        writeAttribute(resource, 1, 'telemetry.sdk.language', 'python');
      });
      resourceSpans.message(2, (scopeSpans) => {
        scopeSpans.message(1, (scope) => scope.text(1, 'opentelemetry.instrumentation.openai_v2'));
        for (let at = first; at < Math.min(first + SPANS_PER_REQUEST, spanCount); at++) {
          const spanId = at === 0 ? root : randomBytes(random, 8);
          const place = placeOf(at);
          const parent = place.kind === 'agent' ? root : place.kind === 'http' ? chat : agent;
          if (place.kind === 'agent') agent = spanId;
          if (place.kind === 'chat') chat = spanId;
          scopeSpans.message(2, (span) =>
            writeSpan(span, { random, id, spanId, parent, at, place, startNs, spanCount }),
          );
        }
      });
    });
    yield writer.finish();
  }
}

interface Place {
  readonly kind: 'root' | 'agent' | 'chat' | 'http' | 'tool';
  readonly turn: number;
}

function placeOf(at: number): Place {
  if (at === 0) return { kind: 'root', turn: 0 };
  const within = (at - 1) % SPANS_PER_AGENT;
  if (within === 0) return { kind: 'agent', turn: 0 };
  const kind = (['chat', 'http', 'tool'] as const)[(within - 1) % SPANS_PER_TURN]!;
  return { kind, turn: Math.floor((within - 1) / SPANS_PER_TURN) };
}

interface Written extends LargeTracePart {
  readonly random: () => number;
  readonly id: Buffer;
  readonly spanId: Buffer;
  readonly parent: Buffer;
}

interface LargeTracePart {
  readonly at: number;
  readonly place: Place;
  readonly startNs: bigint;
  readonly spanCount: number;
}

function writeSpan(span: ProtobufWriter, written: Written): void {
  const { random, at, place, startNs } = written;
  const agent = Math.floor(Math.max(0, at - 1) / SPANS_PER_AGENT);
  span.bytes(1, written.id);
  span.bytes(2, written.spanId);
  if (place.kind !== 'root') span.bytes(4, written.parent);
  const tool = TOOLS[Math.floor(random() * TOOLS.length)]!;
  const model = Math.floor(random() * MODELS.length);
  span.text(5, nameOf(place.kind, agent, place.kind === 'tool' ? tool : MODELS[model]!));
  span.varint(6, place.kind === 'chat' || place.kind === 'http' ? 3 : 1);
  const { fromNs, toNs } = timesOf(written, agent);
  span.fixed64(7, startNs + fromNs);
  span.fixed64(8, startNs + toNs);
  for (const [key, value] of attributesFor(written, { agent, tool, model })) {
    writeAttribute(span, 9, key, value);
  }
  if (place.kind === 'tool' && random() < 0.01) {
    span.message(15, (status) => {
      status.text(2, 'the tool did not answer in time');
      status.varint(3, 2);
    });
  }
}

function nameOf(kind: Place['kind'], agent: number, what: string): string {
  if (kind === 'root') return 'invoke_agent research-team';
  if (kind === 'agent') return `invoke_agent worker-${agent % 12}`;
  if (kind === 'http') return 'POST';
  return kind === 'tool' ? `execute_tool ${what}` : `chat ${what}`;
}

/** Agents overlap by half; the steps of an agent follow each other. */
function timesOf({ at, place, spanCount }: LargeTracePart, agent: number) {
  const agentNs = TURN_NS * BigInt(TURNS_PER_AGENT);
  const agents = BigInt(Math.ceil(spanCount / SPANS_PER_AGENT) + 1);
  if (place.kind === 'root') return { fromNs: 0n, toNs: (agents * agentNs) / 2n + agentNs };
  const agentFrom = (BigInt(agent) * agentNs) / 2n + 1_000n;
  if (place.kind === 'agent') return { fromNs: agentFrom, toNs: agentFrom + agentNs };
  const turnFrom = agentFrom + BigInt(place.turn) * TURN_NS + BigInt(at % 7) * 1_000n;
  if (place.kind === 'chat') return { fromNs: turnFrom, toNs: turnFrom + 18_000_000n };
  if (place.kind === 'http') {
    return { fromNs: turnFrom + 200_000n, toNs: turnFrom + 17_500_000n };
  }
  return { fromNs: turnFrom + 19_000_000n, toNs: turnFrom + 28_000_000n };
}

function attributesFor(
  written: Written,
  { agent, tool, model }: { readonly agent: number; readonly tool: string; readonly model: number },
) {
  const { random, id, place, startNs } = written;
  if (place.kind === 'http') {
    return [
      ['http.request.method', 'POST'],
      ['server.address', 'api.example.com'],
      ['http.response.status_code', 200],
    ] as const;
  }
  const inTrace = place.kind === 'root' || place.kind === 'agent' ? 0 : 1;
  const plan = { random, traceId: id, root: id, inTrace, at: startNs, agent };
  const all = attributesOf(plan, model, tool, place.kind === 'tool');
  // Agents and tools call no model and tell no tokens.
  return place.kind === 'chat'
    ? all.filter(([key]) => !key.startsWith('gen_ai.tool.'))
    : all.filter(([key]) => !/^gen_ai\.(usage|response|request)\./.test(key));
}

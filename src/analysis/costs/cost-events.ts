import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../errors.ts';
import type { CallCost, ModelCall, RunTokens } from '../../model/run.ts';
import { normalizeProvider } from '../../semconv/provider.ts';
import { normalizeTokens } from '../../semconv/tokens.ts';
import type { RunStore } from '../../storage/run-store.ts';
import type { PriceBook } from './price-book.ts';

/** A call of a model that was not traced, told of by itself. */
export interface CostEvent {
  /** The sender's, unique within the project: an event of the same id is the same event. */
  readonly id: string;
  /** '' when it is nobody's. */
  readonly agent: string;
  readonly operation: string;
  /** As the sender spells it; '' to derive it from the model. */
  readonly provider: string;
  readonly model: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** The sender said when, which an event without a time that is sent again cannot. */
  readonly timed: boolean;
  /** Input holds its cached parts, output its reasoning; parts that are larger than their whole are added to it. */
  readonly tokens: RunTokens;
  /** The counts are a guess. */
  readonly estimated: boolean;
  /** US dollars, as the sender reckoned it. */
  readonly reportedCost: number | null;
  /** The run that it belongs to, 16 hex digits, or ''. */
  readonly runId: string;
  readonly conversation: string;
  readonly user: string;
}

export interface RecordedEvent {
  readonly id: string;
  readonly cost: CallCost;
  /** It was known already; what was stored then stands. */
  readonly repeated: boolean;
}

/** Takes events in, each once. */
export interface CostEvents {
  /**
   * Resolves when all are stored durably, in the order given. Throws `OVERLOADED` when too many wait, `CONFLICT` when an
   * event's id is that of another, in which case none is stored, and what the store throws; the same events may then be
   * sent again.
   */
  record(project: string, events: readonly CostEvent[]): Promise<readonly RecordedEvent[]>;
}

export interface CostEventsOptions {
  readonly runs: Pick<RunStore, 'getTraceRuns' | 'writeChanges'>;
  readonly prices: Pick<PriceBook, 'price'>;
  readonly clock: Clock;
  /** Told of each project with new events. */
  readonly onRecorded: (project: string) => void;
}

const WAITING_MAX = 10_000;
/** What is stored at once. */
const GROUP_MAX = 2_000;
/** Between two inserts: each is a part that the engine has to merge. */
const PAUSE_MS = 50;

interface Waiting {
  readonly project: string;
  readonly events: readonly CostEvent[];
  readonly resolve: (recorded: readonly RecordedEvent[]) => void;
  readonly reject: (error: unknown) => void;
}

export function createCostEvents(options: CostEventsOptions): CostEvents {
  let queue: Waiting[] = [];
  let waiting = 0;
  let storing = false;

  const takeGroup = (): Waiting[] => {
    const group: Waiting[] = [];
    let events = 0;
    for (const item of queue) {
      // One project at a time: a look-up is of one.
      if (item.project !== queue[0]!.project) continue;
      if (events > 0 && events + item.events.length > GROUP_MAX) break;
      group.push(item);
      events += item.events.length;
    }
    queue = queue.filter((item) => !group.includes(item));
    return group;
  };

  const store = async (): Promise<void> => {
    storing = true;
    while (queue.length > 0) {
      const group = takeGroup();
      try {
        const batches = group.map(({ events }) => events);
        const answers = await recordOnce(options, group[0]!.project, batches);
        for (const [index, item] of group.entries()) {
          const answer = answers[index]!;
          if (answer instanceof AppError) item.reject(answer);
          else item.resolve(answer);
        }
      } catch (error) {
        for (const item of group) item.reject(error);
      }
      for (const item of group) waiting -= item.events.length;
      if (queue.length > 0) await delay(PAUSE_MS);
    }
    storing = false;
  };

  return {
    record(project, events) {
      if (waiting + events.length > WAITING_MAX) {
        return Promise.reject(
          new AppError('OVERLOADED', `${waiting} cost events wait to be stored; send these later`),
        );
      }
      waiting += events.length;
      return new Promise((resolve, reject) => {
        queue.push({ project, events, resolve, reject });
        if (!storing) void store();
      });
    },
  };
}

/** Stores those of the events that are not there, and answers for all; a batch with one that is another's is refused. */
async function recordOnce(
  { runs, prices, clock, onRecorded }: CostEventsOptions,
  project: string,
  batches: readonly (readonly CostEvent[])[],
): Promise<(RecordedEvent[] | AppError)[]> {
  const traceIds = batches.flat().map(({ id }) => idsOf(project, id).traceId);
  const { calls } = await runs.getTraceRuns(project, [...new Set(traceIds)], undefined);
  const known = new Map(calls.map(({ value }) => [value.traceId, value]));
  const fresh: ModelCall[] = [];
  const answers = batches.map((batch): RecordedEvent[] | AppError => {
    const own = new Map<string, ModelCall>();
    const recorded: RecordedEvent[] = [];
    for (const event of batch.map(normalize)) {
      const ids = idsOf(project, event.id);
      const stored = known.get(ids.traceId) ?? own.get(ids.traceId);
      const difference = stored && differenceOf(stored, event);
      if (difference !== undefined) return conflict(event.id, difference);
      if (stored !== undefined) {
        recorded.push({ id: event.id, cost: stored.cost, repeated: true });
        continue;
      }
      const call = { ...callOf(project, event), ...ids };
      const priced = { ...call, cost: prices.price(project, usageOf(event)) };
      own.set(ids.traceId, priced);
      recorded.push({ id: event.id, cost: priced.cost, repeated: false });
    }
    for (const [traceId, call] of own) {
      known.set(traceId, call);
      fresh.push(call);
    }
    return recorded;
  });
  if (fresh.length > 0) {
    const version = clock.now();
    const come = fresh.map((value) => ({ value, version }));
    await runs.writeChanges({ gone: [], come: [] }, { gone: [], come });
    onRecorded(project);
  }
  return answers;
}

function conflict(id: string, difference: string): AppError {
  return new AppError(
    'CONFLICT',
    `the event ${id} was taken in with another content: ${difference}; send what is another event under an id of its own`,
  );
}

/** Where an event says otherwise than the stored one of its id; undefined when it is the same. */
function differenceOf(stored: ModelCall, event: CostEvent): string | undefined {
  const sent = callOf(stored.project, event);
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['agent', stored.agent, sent.agent],
    ['model', stored.model, sent.model],
    ['provider', stored.provider, sent.provider],
    ['request_type', stored.operation, sent.operation],
    ['input_tokens', stored.tokens.input, sent.tokens.input],
    ['output_tokens', stored.tokens.output, sent.tokens.output],
    ['cache_read_tokens', stored.tokens.cacheRead, sent.tokens.cacheRead],
    ['cache_write_tokens', stored.tokens.cacheWrite, sent.tokens.cacheWrite],
    ['reasoning_tokens', stored.tokens.reasoning, sent.tokens.reasoning],
    ['estimated', stored.estimated, sent.estimated],
    ['job_id', stored.runId, sent.runId],
    ['conversation_id', stored.conversation, sent.conversation],
    ['user_id', stored.user, sent.user],
    ...(event.timed ? [['at', timeOf(stored.startNs), timeOf(sent.startNs)] as const] : []),
  ];
  const found = pairs.find(([, was, is]) => was !== is);
  if (found === undefined) return undefined;
  const [name, was, is] = found;
  return `${name} was ${JSON.stringify(was)} and is now ${JSON.stringify(is)}`;
}

function timeOf(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}

function normalize(event: CostEvent): CostEvent {
  const counts = {
    input: event.tokens.input ?? undefined,
    output: event.tokens.output ?? undefined,
    cacheRead: event.tokens.cacheRead ?? undefined,
    cacheWrite: event.tokens.cacheWrite ?? undefined,
    cacheWrite5m: undefined,
    cacheWrite1h: undefined,
    reasoning: event.tokens.reasoning ?? undefined,
    total: undefined,
  };
  const provider = normalizeProvider(event.provider, event.model);
  normalizeTokens(counts, { provider });
  const { input = null, output = null } = counts;
  return { ...event, provider, tokens: { ...event.tokens, input, output } };
}

/** An event has no trace: its ids are made of its own, so that it is found again. */
function idsOf(project: string, eventId: string): { traceId: string; spanId: string } {
  const digest = createHash('sha256').update(`cost event\0${project}\0${eventId}`).digest('hex');
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
}

function callOf(project: string, event: CostEvent): Omit<ModelCall, 'traceId' | 'spanId' | 'cost'> {
  return {
    project,
    runId: event.runId,
    agent: event.agent,
    origin: 'event',
    operation: event.operation,
    provider: event.provider,
    model: event.model,
    requestModel: event.model,
    startNs: BigInt(event.atMs) * 1_000_000n,
    durationNs: 0n,
    failed: false,
    tokens: event.tokens,
    estimated: event.estimated,
    invalid: false,
    conversation: event.conversation,
    user: event.user,
  };
}

function usageOf({ provider, model, atMs, tokens, reportedCost }: CostEvent) {
  return {
    provider,
    model,
    requestModel: model,
    atMs,
    tier: '',
    tokens: { ...tokens, cacheWrite1h: null },
    reportedCost,
    invalid: false,
  };
}

/** The call priced anew at the prices that are set now; undefined when nothing changes. */
export function repriceCall(
  call: ModelCall,
  prices: Pick<PriceBook, 'price'>,
): ModelCall | undefined {
  const { project, provider, model, requestModel, startNs, tokens, invalid } = call;
  const cost = prices.price(project, {
    provider,
    model,
    requestModel,
    atMs: Number(startNs / 1_000_000n),
    tier: '',
    tokens: { ...tokens, cacheWrite1h: null },
    reportedCost: null,
    invalid,
  });
  // What the sender reckoned is worth more than nothing.
  if (cost.amount === null && call.cost.source === 'reported') return undefined;
  if (cost.amount === call.cost.amount && cost.priceVersion === call.cost.priceVersion)
    return undefined;
  return { ...call, cost };
}

import { createCodingAgents } from './demo/coding-agents.ts';
import { contractReviewRun } from './demo/contract-review.ts';
import { invoiceProcessorRun, nightlySummarizerRun } from './demo/invoice-processor.ts';
import { marketResearchRun } from './demo/market-research.ts';
import { encodeLogs, encodeMetrics, encodeSpans } from './demo/otlp-json.ts';
import type { PlacedRun } from './demo/otlp-json.ts';
import { createRandom } from './demo/random.ts';
import type { Random } from './demo/random.ts';
import type { Run } from './demo/run.ts';
import { pause, post } from './demo/sender.ts';
import type { SenderOptions } from './demo/sender.ts';
import { supportDeskRun } from './demo/support-desk.ts';
import { tripPlannerRun } from './demo/trip-planner.ts';

export interface DemoFlags {
  readonly url: string;
  readonly key?: string;
  readonly rate?: number;
  readonly days?: number;
  readonly once?: true;
  readonly seed?: number;
}

export interface DemoOptions extends SenderOptions {
  /** Live runs per minute after the history, 2 unless given; 0 sends the history alone. */
  readonly runsPerMinute?: number | undefined;
  /** Whole days of history before the last hour, 8 unless given. */
  readonly days?: number | undefined;
  readonly seed?: number | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HISTORY_RUNS = 90;
/** How long the coding agents have been at work before now. */
const CODING_MS = 6 * HOUR_MS;
const BATCH_RUNS = 100;
/** Enough for the agents to have a rhythm that something can depart from. */
const DAYS = 8;
const RUNS_A_DAY = 250;
/** More would be a surge beside the days before, and told of as one. */
const RUNS_A_MINUTE = 2;
/** In the last hour the trip planner's answers take so much longer: something to find. */
const SLOWER = 3;

type Scenario = (random: Random) => Run;

/** How often each agent runs: the help desk is busy, the batch job rare. */
const SCENARIOS: readonly [Scenario, ...Scenario[]] = [
  supportDeskRun,
  supportDeskRun,
  supportDeskRun,
  tripPlannerRun,
  tripPlannerRun,
  contractReviewRun,
  invoiceProcessorRun,
  invoiceProcessorRun,
  marketResearchRun,
  nightlySummarizerRun,
];

/**
 * What the agents did before `nowMs`, oldest first: so many days with busy and quiet hours, then an hour in which every
 * agent runs at least once. All have ended by `nowMs`.
 */
export function historyRuns(random: Random, nowMs: number, days: number): PlacedRun[] {
  const lastHour = Array.from({ length: HISTORY_RUNS }, (_, index) => {
    const scenario = SCENARIOS[index] ?? random.pick(SCENARIOS);
    const planned = scenario(random);
    const run = days > 0 && scenario === tripPlannerRun ? stretched(planned, SLOWER) : planned;
    return { run, startedAtMs: nowMs - random.between(run.durationMs, HOUR_MS) };
  });
  const earlier = Array.from({ length: days * RUNS_A_DAY }, () => {
    const run = random.pick(SCENARIOS)(random);
    return { run, startedAtMs: nowMs - HOUR_MS - run.durationMs - agoMs(random, days) };
  });
  return [...earlier, ...lastHour].toSorted((one, other) => one.startedAtMs - other.startedAtMs);
}

/** A moment before the last hour: most often by day. */
function agoMs(random: Random, days: number): number {
  for (;;) {
    const ago = random.between(0, days * DAY_MS);
    // The time of day that it is now is the busiest, wherever the clock stands.
    const share = 0.55 + 0.45 * Math.cos((2 * Math.PI * ago) / DAY_MS);
    if (random.chance(share)) return ago;
  }
}

/** The same run, with everything in it taking so many times as long. */
function stretched(run: Run, factor: number): Run {
  return {
    ...run,
    spans: run.spans.map((span) => ({
      ...span,
      startMs: span.startMs * factor,
      endMs: span.endMs * factor,
      events: span.events.map((event) => ({ ...event, atMs: event.atMs * factor })),
    })),
    logs: run.logs.map((log) => ({ ...log, atMs: log.atMs * factor })),
    modelCalls: run.modelCalls.map((call) => ({ ...call, durationMs: call.durationMs * factor })),
    durationMs: run.durationMs * factor,
  };
}

async function send(runs: readonly PlacedRun[], options: SenderOptions): Promise<number> {
  await post('/v1/traces', encodeSpans(runs), options);
  await post('/v1/metrics', encodeMetrics(runs), options);
  await post('/v1/logs', encodeLogs(runs), options);
  return runs.reduce((sum, { run }) => sum + run.spans.length, 0);
}

/**
 * Sends the history, then one run after the other until `signal` aborts.
 * Failures are AppErrors that say what to do.
 */
export async function sendDemo(options: DemoOptions): Promise<void> {
  const { days = DAYS, runsPerMinute = RUNS_A_MINUTE } = options;
  const random = createRandom(options.seed ?? Date.now());
  const history = historyRuns(random, Date.now(), days);
  let spans = 0;
  for (let from = 0; from < history.length; from += BATCH_RUNS) {
    spans += await send(history.slice(from, from + BATCH_RUNS), options);
  }
  const coders = createCodingAgents(createRandom((options.seed ?? Date.now()) + 1));
  let codedUntilMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  await post('/v1/metrics', coders.encode(codedUntilMs - CODING_MS, codedUntilMs), options);
  const time = days === 0 ? 'the past hour' : `the past ${days} days`;
  console.error(`Sent ${history.length} runs of ${time} (${spans} spans) to ${options.url}.`);
  if (runsPerMinute === 0) return;
  console.error(`Sending about ${runsPerMinute} runs a minute from now on; Ctrl-C stops.`);
  const meanMs = MINUTE_MS / runsPerMinute;
  while (await pause(random.between(meanMs / 2, meanMs * 1.5), options.signal)) {
    const run = random.pick(SCENARIOS)(random);
    await send([{ run, startedAtMs: Date.now() - run.durationMs }], options);
    const untilMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    if (untilMs === codedUntilMs) continue;
    await post('/v1/metrics', coders.encode(codedUntilMs, untilMs), options);
    codedUntilMs = untilMs;
  }
}

/** `signalbox demo`: sends to a running server until it is stopped. */
export async function demo(flags: DemoFlags): Promise<void> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await sendDemo({
    url: flags.url,
    key: flags.key,
    seed: flags.seed,
    days: flags.days,
    runsPerMinute: flags.once ? 0 : flags.rate,
    signal: stopping.signal,
  });
}

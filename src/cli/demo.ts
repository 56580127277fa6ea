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
  readonly rate: number;
  readonly once?: true;
  readonly seed?: number;
}

export interface DemoOptions extends SenderOptions {
  /** Live runs per minute after the history; 0 sends the history alone. */
  readonly runsPerMinute: number;
  readonly seed?: number | undefined;
}

const HISTORY_MS = 3_600_000;
const HISTORY_RUNS = 90;
const BATCH_RUNS = 30;

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

/** The runs of the hour before `nowMs`, oldest first, every agent at least once; all have ended by `nowMs`. */
export function historyRuns(random: Random, nowMs: number): PlacedRun[] {
  return Array.from({ length: HISTORY_RUNS }, (_, index) => {
    const scenario = SCENARIOS[index] ?? random.pick(SCENARIOS);
    const run = scenario(random);
    const startedAtMs = nowMs - random.between(run.durationMs, HISTORY_MS);
    return { run, startedAtMs };
  }).sort((one, other) => one.startedAtMs - other.startedAtMs);
}

async function send(runs: readonly PlacedRun[], options: SenderOptions): Promise<number> {
  await post('/v1/traces', encodeSpans(runs), options);
  await post('/v1/metrics', encodeMetrics(runs), options);
  await post('/v1/logs', encodeLogs(runs), options);
  return runs.reduce((sum, { run }) => sum + run.spans.length, 0);
}

/**
 * Sends an hour of history, then one run after the other until `signal` aborts.
 * Failures are AppErrors that say what to do.
 */
export async function sendDemo(options: DemoOptions): Promise<void> {
  const random = createRandom(options.seed ?? Date.now());
  const history = historyRuns(random, Date.now());
  let spans = 0;
  for (let from = 0; from < history.length; from += BATCH_RUNS) {
    spans += await send(history.slice(from, from + BATCH_RUNS), options);
  }
  console.error(`Sent ${history.length} runs of the past hour (${spans} spans) to ${options.url}.`);
  if (options.runsPerMinute === 0) return;
  console.error(`Sending about ${options.runsPerMinute} runs a minute from now on; Ctrl-C stops.`);
  const meanMs = 60_000 / options.runsPerMinute;
  while (await pause(random.between(meanMs / 2, meanMs * 1.5), options.signal)) {
    const run = random.pick(SCENARIOS)(random);
    await send([{ run, startedAtMs: Date.now() - run.durationMs }], options);
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
    runsPerMinute: flags.once ? 0 : flags.rate,
    signal: stopping.signal,
  });
}

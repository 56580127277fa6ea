import { mulberry32 } from '../../src/cli/demo/random.ts';
import type { RunSample } from '../../src/model/run-sample.ts';

type Random = () => number;

/** Made-up runs of an agent over some weeks, with what makes real ones hard to judge. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Monday, 2026-09-07. */
export const FIRST_DAY_MS = Date.UTC(2026, 8, 7);

export const INCIDENTS = [
  'none',
  'slow',
  'dear',
  'one dear run',
  'failing',
  'many',
  'silent',
  'other tools',
] as const;
export type Incident = (typeof INCIDENTS)[number];

export interface AgentPlan {
  readonly runsPerDay: number;
  readonly weekend: number;
  readonly duration: { readonly median: number; readonly spread: number };
  readonly cost: { readonly median: number; readonly spread: number };
  readonly errorRate: number;
  readonly tools: readonly { readonly name: string; readonly weight: number }[];
  readonly callsPerRun: number;
}

/** How many runs a day, drawn evenly over the orders of magnitude. */
export function planAgent(random: Random, [fewest, most]: readonly [number, number]): AgentPlan {
  const between = (low: number, high: number): number =>
    Math.exp(Math.log(low) + random() * Math.log(high / low));
  return {
    runsPerDay: between(fewest, most),
    weekend: between(0.1, 1),
    duration: { median: between(1, 60), spread: between(0.3, 1) },
    cost: { median: between(0.001, 0.5), spread: between(0.4, 1.2) },
    errorRate: random() < 0.3 ? 0 : between(0.002, 0.08),
    tools: Array.from({ length: 2 + Math.floor(random() * 7) }, (_, index) => ({
      name: `tool ${index}`,
      weight: -Math.log(random()),
    })),
    callsPerRun: between(1, 8),
  };
}

export interface Schedule {
  readonly days: number;
  /** When the incident begins; it lasts to the end. */
  readonly incidentMs: number;
  readonly incident: Incident;
}

/** Oldest first. */
export function makeRuns(plan: AgentPlan, seed: number, schedule: Schedule): RunSample[] {
  const random = mulberry32(seed);
  const runs: RunSample[] = [];
  for (let day = 0; day < schedule.days; day += 1) {
    const dayMs = FIRST_DAY_MS + day * DAY_MS;
    const isWeekend = day % 7 >= 5;
    // Some days are busier, slower, dearer and worse than others, for all of their runs.
    const strays = {
      volume: Math.exp(0.25 * normal(random)),
      duration: Math.exp(0.1 * normal(random)),
      cost: Math.exp(0.1 * normal(random)),
      errors: Math.exp(0.5 * normal(random)),
    };
    const expected = plan.runsPerDay * (isWeekend ? plan.weekend : 1) * strays.volume;
    for (const startMs of startTimes(random, dayMs, { expected, schedule })) {
      const struck = startMs >= schedule.incidentMs ? schedule.incident : 'none';
      runs.push(makeRun(random, plan, { startMs, strays, struck, number: runs.length }));
    }
  }
  if (schedule.incident === 'one dear run') makeOneDear(runs, plan, schedule.incidentMs);
  return runs;
}

function startTimes(
  random: Random,
  dayMs: number,
  { expected, schedule }: { expected: number; schedule: Schedule },
): number[] {
  const starts: number[] = [];
  const most = expected * 2;
  const count = poisson(random, most);
  for (let index = 0; index < count; index += 1) {
    const startMs = dayMs + random() * DAY_MS;
    // Twice as many at noon as on average, next to none at midnight.
    const rhythm = (1 - Math.cos((2 * Math.PI * (startMs - dayMs)) / DAY_MS)) / 2;
    if (random() < rhythm) starts.push(startMs);
  }
  if (schedule.incident === 'silent') {
    return starts.filter((ms) => ms < schedule.incidentMs).sort((a, b) => a - b);
  }
  if (schedule.incident === 'many') {
    const more = starts.filter((ms) => ms >= schedule.incidentMs);
    for (const ms of more) for (let copy = 1; copy <= 3; copy += 1) starts.push(ms + copy * 1_000);
  }
  return starts.sort((a, b) => a - b);
}

function makeRun(
  random: Random,
  plan: AgentPlan,
  given: {
    startMs: number;
    strays: { duration: number; cost: number; errors: number };
    struck: Incident;
    number: number;
  },
): RunSample {
  const { startMs, strays, struck, number } = given;
  // What is asked of it makes a run both long and dear, and some are very long.
  const size = normal(random);
  const tail = random() < 0.02 ? (1 - random()) ** (-1 / 1.5) : 1;
  const draw = ({ median, spread }: { median: number; spread: number }): number =>
    median * Math.exp(spread * (0.8 * size + 0.6 * normal(random))) * tail;
  const errorRate = struck === 'failing' ? 0.5 : Math.min(plan.errorRate * strays.errors, 0.5);
  const id = number.toString(16);
  return {
    traceId: id.padStart(32, '0'),
    runId: id.padStart(16, '0'),
    startMs,
    version: 'v1',
    failed: random() < errorRate,
    durationS: draw(plan.duration) * strays.duration * (struck === 'slow' ? 3 : 1),
    cost: draw(plan.cost) * strays.cost * (struck === 'dear' ? 3 : 1),
    tokens: null,
    loopLength: 1,
    models: [],
    tools: drawTools(random, plan, struck === 'other tools'),
  };
}

/** A run has a taste of its own for tools; those of an incident use a new one for half of their calls. */
function drawTools(random: Random, plan: AgentPlan, others: boolean): Record<string, number> {
  const weights = plan.tools.map(({ name, weight }) => ({
    name,
    weight: weight * Math.exp(0.8 * normal(random)),
  }));
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  const tools: Record<string, number> = {};
  for (let calls = poisson(random, plan.callsPerRun); calls > 0; calls -= 1) {
    let at = random() * total;
    const drawn = weights.find(({ weight }) => (at -= weight) < 0) ?? weights[0]!;
    const name = others && random() < 0.5 ? 'a new tool' : drawn.name;
    tools[name] = (tools[name] ?? 0) + 1;
  }
  return tools;
}

/** One run costs a hundred times the median, and no less than two dollars. */
function makeOneDear(runs: RunSample[], plan: AgentPlan, incidentMs: number): void {
  const index = runs.findIndex(({ startMs }) => startMs >= incidentMs);
  const dearest = runs.reduce((most, { cost }) => Math.max(most, cost ?? 0), 0);
  if (index < 0) return;
  runs[index] = { ...runs[index]!, cost: Math.max(plan.cost.median * 100, dearest * 4, 2) };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function poisson(random: Random, mean: number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let product = random();
  let count = 0;
  for (const limit = Math.exp(-mean); product > limit; count += 1) product *= random();
  return count;
}

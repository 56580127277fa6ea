import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { CostDimension } from '../src/storage/cost-store.ts';
import { clickhouseConfigSchema } from '../src/storage/clickhouse/config.ts';
import { createCostStore } from '../src/storage/clickhouse/cost-store.ts';
import { openEmbeddedEngine } from '../src/storage/clickhouse/engine-embedded.ts';
import { migrate } from '../src/storage/clickhouse/migrate.ts';

/**
 * How long the questions about costs take over 30 days of calls: as many as 10 million spans hold when a third of them
 * are calls of models, of 200 agents and 12 models, one in twenty taken back and written anew.
 */
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '3300000' },
    rounds: { type: 'string', default: '10' },
  },
});
const DAY_MS = 86_400_000;
const toMs = Date.UTC(2026, 10, 30);
const fromMs = toMs - 30 * DAY_MS;
const PART = 300_000;

const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'signalbox-costs-'));
const engine = await openEmbeddedEngine(
  join(directory, 'engine'),
  clickhouseConfigSchema.parse({}),
);
await migrate(engine);
const calls = Number(values.calls);
for (let at = 0; at < calls; at += PART) {
  for (const [sign, version, condition] of [
    [1, 1, '1'],
    [-1, 1, 'number % 20 = 0'],
    [1, 2, 'number % 20 = 0'],
  ] as const) {
    await engine.command(`INSERT INTO model_calls
      (project, recorded, trace_id, span_id, run_id, agent, origin, operation, provider, model, request_model, start,
        duration_ns, failed, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
        estimated, invalid, cost, cost_source, price_version, cost_missing, conversation, user, version, sign)
      SELECT 'default', now(), unhex(hex(sipHash128(number))), unhex(hex(sipHash64(number))), toFixedString('', 8),
        concat('agent-', toString(number % 200)), 'span', 'chat', 'openai', concat('model-', toString(number % 12)),
        concat('model-', toString(number % 12)),
        fromUnixTimestamp64Milli(toInt64(${fromMs} + sipHash64(number) % ${30 * DAY_MS}), 'UTC'), 1000000000,
        number % 50 = 0, number % 5000, number % 500, number % 1000, NULL, NULL, 0, 0,
        if(number % 30 = 0, NULL, toDecimal128(number % 1000 / 100000, 12)), 'library', 'library@0.1.8',
        if(number % 30 = 0, 'unknown_model', ''), concat('c', toString(number % 50000)),
        concat('u', toString(number % 3000)), ${version}, ${sign}
      FROM numbers(${at}, ${Math.min(PART, calls - at)}) WHERE ${condition}`);
  }
}

const store = createCostStore(engine);
const questions: readonly (readonly [string, readonly CostDimension[]])[] = [
  ['everything', []],
  ['by day and agent (the summary)', ['day', 'agent']],
  ['by agent', ['agent']],
  ['by model', ['model']],
  ['by day', ['day']],
  ['by user', ['user']],
  ['by conversation', ['conversation']],
];
const filter = { fromMs, toMs };
const asked: [string, () => Promise<unknown>][] = [
  ...questions.map(([name, by]): [string, () => Promise<unknown>] => [
    name,
    () => store.sumCosts('default', { filter, by, timeZone: 'UTC', limit: 100_000 }),
  ]),
  // A limit for a page, and the sum over all beside it, as the API asks.
  ...(['user', 'conversation'] as const).map((by): [string, () => Promise<unknown>] => [
    `a page by ${by}, and the total`,
    () =>
      Promise.all([
        store.sumCosts('default', { filter, by: [by], timeZone: 'UTC', limit: 100 }),
        store.sumCosts('default', { filter, by: [], timeZone: 'UTC', limit: 1 }),
      ]),
  ]),
  [
    'the summary from call to call',
    // Days of another zone are not the days that are summed up.
    () =>
      store.sumCosts('default', {
        filter,
        by: ['day', 'agent'],
        timeZone: 'Europe/Berlin',
        limit: 100_000,
      }),
  ],
  ['models without a price', () => store.listUnpriced('default', filter, 100)],
];
console.log(`${calls} calls over 30 days, milliseconds`);
for (const [name, ask] of asked) {
  const times: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const started = performance.now();
    await ask();
    times.push(performance.now() - started);
  }
  times.sort((one, other) => one - other);
  const p50 = times[Math.floor(times.length / 2)]!;
  console.log(
    `${name.padEnd(32)} least ${times[0]!.toFixed(0)}  p50 ${p50.toFixed(0)}  max ${times.at(-1)!.toFixed(0)}`,
  );
}
await engine.close();
rmSync(directory, { recursive: true });

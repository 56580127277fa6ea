/**
 * What the SDK costs in the agent: a span of a model call beyond what OpenTelemetry itself takes for the same span and
 * the same metrics, a call when telemetry is off, and the start. `npm run bench:sdk -- --calls 50000 --starts 11`.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { context, metrics, SpanKind, trace, type Attributes } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';

import { initTelemetry, withModelCall } from '../sdk/src/sdk.ts';

const GOALS = { spanUs: 10, offUs: 0.1, startMs: 80 };
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '50000' },
    rounds: { type: 'string', default: '7' },
    starts: { type: 'string', default: '11' },
  },
});
const calls = Number(values.calls);

const ANSWER = {
  id: 'chatcmpl-1',
  model: 'gpt-4o-2024-08-06',
  choices: [{ finish_reason: 'stop' }],
  usage: {
    prompt_tokens: 30,
    completion_tokens: 5,
    prompt_tokens_details: { cached_tokens: 20 },
  },
};
const OPTIONS = { model: 'gpt-4o', provider: 'openai', temperature: 0.5 };
const COMMON: Attributes = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.system': 'openai',
  'gen_ai.request.model': 'gpt-4o',
};

class HeldReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const work = (): Promise<typeof ANSWER> => Promise.resolve(ANSWER);

/** The same span and the same points, written against OpenTelemetry's API by hand. */
function byHand(): () => Promise<unknown> {
  const tracer = trace.getTracer('bench', '1');
  const meter = metrics.getMeter('bench', '1');
  const tokens = meter.createHistogram('gen_ai.client.token.usage');
  const seconds = meter.createHistogram('gen_ai.client.operation.duration');
  return async () => {
    const started = performance.now();
    const attributes = { ...COMMON, 'gen_ai.request.temperature': 0.5 };
    return tracer.startActiveSpan('chat', { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const answer = await work();
      span.setAttributes({
        'gen_ai.response.id': answer.id,
        'gen_ai.response.model': answer.model,
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.usage.input_tokens': 30,
        'gen_ai.usage.output_tokens': 5,
        'gen_ai.usage.cache_read.input_tokens': 20,
        'gen_ai.usage.cache_read_input_tokens': 20,
      });
      const points = { ...COMMON, 'gen_ai.response.model': answer.model };
      tokens.record(30, { ...points, 'gen_ai.token.type': 'input' });
      tokens.record(5, { ...points, 'gen_ai.token.type': 'output' });
      tokens.record(20, { ...points, 'gen_ai.token.type': 'cache_read' });
      seconds.record((performance.now() - started) / 1000, points);
      span.end();
      return answer;
    });
  };
}

const withSdk = (): Promise<unknown> => withModelCall(OPTIONS, work);

/** In time of the processor, so that other programs on the machine count as little as they can. */
async function microsecondsOf(call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/** The smallest of several rounds of each, taken in turn, so that what else the machine does falls out. */
async function fastest(...contenders: (() => Promise<unknown>)[]): Promise<number[]> {
  const best = contenders.map(() => Infinity);
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const [at, call] of contenders.entries()) {
      const took = await microsecondsOf(call);
      // The first round warms up.
      if (round > 0) best[at] = Math.min(best[at]!, took);
    }
  }
  return best;
}

/**
 * Milliseconds of the processor, and of the clock, that the import and `initTelemetry` take in a process that has loaded
 * nothing of them yet; the middle of all starts. On a machine with nothing else to do the two are close.
 */
function startTimes(): { readonly processor: number; readonly clock: number } {
  const sdk = path.join(import.meta.dirname, '..', 'sdk', 'dist', 'esm', 'sdk.js');
  const program = `
    const [before, used] = [performance.now(), process.cpuUsage()];
    const { initTelemetry } = await import(${JSON.stringify(pathToFileURL(sdk).href)});
    const telemetry = initTelemetry({ agent: 'a', endpoint: 'http://127.0.0.1:9', flushOnExit: false });
    const { user, system } = process.cpuUsage(used);
    console.log(telemetry.kind, (user + system) / 1000, performance.now() - before);
    process.exit();`;
  const times = Array.from({ length: Number(values.starts) }, () => {
    const args = ['--input-type=module', '-e', program];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const took = /^on ([\d.]+) ([\d.]+)/.exec(stdout);
    if (took === null) throw new Error(`telemetry did not start: ${stdout}${stderr}`);
    return [Number(took[1]), Number(took[2])] as const;
  });
  const middle = (at: 0 | 1): number =>
    times.map((time) => time[at]).toSorted((one, other) => one - other)[times.length >> 1]!;
  return { processor: middle(0), clock: middle(1) };
}

function report(name: string, value: number, unit: string, goal: number): void {
  const verdict = value <= goal ? 'met' : 'MISSED';
  console.log(
    `${name.padEnd(52)} ${value.toFixed(2).padStart(8)} ${unit}   goal ${goal} ${unit}: ${verdict}`,
  );
  if (value > goal) process.exitCode = 1;
}

const start = startTimes();
initTelemetry();
const [bare, off] = await fastest(work, withSdk);
await initTelemetry().shutdown();

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new BasicTracerProvider());
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new HeldReader()] }));
const [hand, sdk] = await fastest(byHand(), withSdk);

console.log(
  `Node ${process.versions.node}, ${calls} calls, best of ${values.rounds} rounds in turn`,
);
console.log(
  `a span with its metrics by hand ${hand!.toFixed(2)} µs, by the SDK ${sdk!.toFixed(2)} µs`,
);
report('a model call’s span beyond OpenTelemetry’s own cost', sdk! - hand!, 'µs', GOALS.spanUs);
report('a model call when telemetry is off', Math.max(0, off! - bare!), 'µs', GOALS.offUs);
report(`the start, middle of ${values.starts}`, start.processor, 'ms', GOALS.startMs);
console.log(
  `the start by the clock ${start.clock.toFixed(0)} ms: more, as long as the machine has other work`,
);

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { compilePolicies } from '../src/gateway/policy/compile-policies.ts';
import { percentile } from './harness/load.ts';

/**
 * What the gateway adds to a call: its time beside a direct call of the same backend in the same run, a decision among
 * a thousand rules, and the memory of ten thousand calls that wait.
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '10' },
    pending: { type: 'string', default: '10000' },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-gateway-'));
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** A process of its own, as the gateway is, so that both kinds of call wait for another process. */
const BACKEND = `require('node:http').createServer((asked, answer) => {
  asked.resume();
  asked.on('end', () => answer.setHeader('content-type', 'application/json').end('{"ok":true}'));
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); })`;
const backend = spawn(process.execPath, ['--eval', BACKEND], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [announced] = (await once(backend.stdout, 'data')) as [Buffer];
const backendUrl = `http://127.0.0.1:${announced.toString().trim()}`;

/** The gateway's file; most rules are passed over before the one that decides. */
function writeConfig(port: number): string {
  const rules = Array.from({ length: 999 }, (_, index) => ({
    tools: [`other${index}.*`, `*.thing_${index}`],
    action: 'deny',
    condition: { field: 'amount', operator: '<', value: index },
  }));
  const document = {
    openapi: '3.0.0',
    servers: [{ url: backendUrl }],
    paths: {
      '/work': { post: { operationId: 'work', requestBody: { content: {} } } },
      '/wait': { post: { operationId: 'wait', requestBody: { content: {} } } },
    },
  };
  writeFileSync(join(folder, 'api.json'), JSON.stringify(document));
  const config = {
    port,
    data_dir: 'data',
    trace_file: 'traces.jsonl',
    otel_endpoint: 'traces-otel.jsonl',
    loop_guard: false,
    approval: { timeout_seconds: 3600, pending_max: 100_000 },
    policies: [
      {
        name: 'bench',
        rules: [
          ...rules,
          { tools: ['api.work'], action: 'allow' },
          { tools: ['api.wait'], action: 'human_approval' },
        ],
      },
    ],
    openapi: [{ name: 'api', file: 'api.json' }],
  };
  const path = join(folder, 'gateway.yaml');
  writeFileSync(path, JSON.stringify(config));
  return path;
}

async function startGateway(): Promise<{ child: ChildProcess; url: string }> {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const args = ['bin/signalbox.js', 'gateway', '--config', writeConfig(port)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'pipe'] });
  await once(child.stderr, 'data');
  child.stderr.resume();
  return { child, url: `http://127.0.0.1:${port}` };
}

/** One request; its time in milliseconds and its status. */
function post(url: string, body: string, headers: Record<string, string> = {}) {
  const started = performance.now();
  return new Promise<{ ms: number; status: number }>((resolve, reject) => {
    const asked = request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', ...headers } },
      (answer) => {
        answer.resume();
        answer.on('end', () =>
          resolve({ ms: performance.now() - started, status: answer.statusCode! }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Calls at the rate, whatever the answers take; their times in order of size. */
async function callAtRate(url: string, body: string): Promise<number[]> {
  const calls: Promise<{ ms: number; status: number }>[] = [];
  const began = performance.now();
  for (let sent = 0; sent < rate * seconds;) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - began) * rate) / 1_000));
    for (; sent < due; sent++) calls.push(post(url, body, { authorization: 'Bearer agent:bench' }));
    await delay(1);
  }
  const answers = await Promise.all(calls);
  const failed = answers.filter(({ status }) => status !== 200).length;
  if (failed > 0) throw new Error(`${failed} of ${answers.length} calls failed at ${url}`);
  return answers.map(({ ms }) => ms).sort((a, b) => a - b);
}

/** What the process has spent so far, in microseconds; the kernel counts in hundredths of a second. */
function cpuMicroseconds(pid: number): number {
  const [, rest] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = rest!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

function decisionMicroseconds(): { known: number; new: number } {
  const rules = Array.from({ length: 1_000 }, (_, index) => ({
    tools: [`server${index}.*`, `*.tool_${index}`],
    action: 'allow' as const,
    condition: { field: 'amount', operator: '<' as const, value: index },
  }));
  const set = compilePolicies([{ name: 'large', agent: '*', rules }]);
  const measure = (toolOf: (round: number) => string): number => {
    const times = Array.from({ length: 20_000 }, (_, round) => {
      const facts = {
        agent: 'bench',
        tool: toolOf(round),
        params: { amount: 2_000 },
        status: 'APPROVED',
        risk: 'unknown',
        model: undefined,
        budget: 'unknown',
        spentUsd: () => undefined,
        hasInjectionRisk: () => false,
        nowMs: 0,
      } as const;
      const before = performance.now();
      set.decide(facts);
      return (performance.now() - before) * 1_000;
    });
    return percentile(
      times.sort((a, b) => a - b),
      0.5,
    );
  };
  return { known: measure((round) => `x.tool_${round % 100}`), new: measure((i) => `n${i}.x`) };
}

const { child, url } = await startGateway();
try {
  const body = JSON.stringify({ params: { amount: 5_000 } });
  await callAtRate(`${url}/tool/api.work`, body);
  const direct = await callAtRate(`${backendUrl}/work`, body);
  const cpuBefore = cpuMicroseconds(child.pid!);
  const governed = await callAtRate(`${url}/tool/api.work`, body);
  const cpuPerCall = (cpuMicroseconds(child.pid!) - cpuBefore) / governed.length;
  const at = (p: number) => ({
    direct: percentile(direct, p).toFixed(2),
    governed: percentile(governed, p).toFixed(2),
    added: (percentile(governed, p) - percentile(direct, p)).toFixed(2),
  });
  const before = residentMb(child.pid!);
  const pending = Number(values.pending);
  for (let sent = 0; sent < pending; sent += 50) {
    const batch = Array.from({ length: Math.min(50, pending - sent) }, (_, index) =>
      post(`${url}/tool/api.wait`, JSON.stringify({ params: { number: sent + index } }), {
        authorization: 'Bearer agent:bench',
        prefer: 'respond-async',
      }),
    );
    for (const { status } of await Promise.all(batch)) {
      if (status !== 202) throw new Error(`a call that must wait was answered ${status}`);
    }
  }
  const after = residentMb(child.pid!);
  console.log(
    JSON.stringify(
      {
        commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
        calls_per_second: rate,
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        cpu_us_per_call: Math.round(cpuPerCall),
        decision_us: decisionMicroseconds(),
        pending: {
          calls: pending,
          added_mb: Math.round(after - before),
          resident_mb: Math.round(after),
        },
      },
      null,
      2,
    ),
  );
} finally {
  child.kill('SIGKILL');
  backend.kill('SIGKILL');
  agent.destroy();
  rmSync(folder, { recursive: true, force: true });
}

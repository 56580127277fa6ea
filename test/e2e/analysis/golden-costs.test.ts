import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { DIALECTS } from '../../../src/semconv/dialects.ts';
import { BUG_REPORTS } from '../../fixtures/costs/bug-reports.ts';
import { BY_DIALECT, WITHOUT_CALLS } from '../../fixtures/costs/by-dialect.ts';
import type { CostFixture, ExpectedCall } from '../../fixtures/costs/cost-fixture.ts';
import { dollarsOf } from '../../fixtures/costs/cost-fixture.ts';
import { eventually } from '../../harness/eventually.ts';
import type { TestServer } from '../../harness/server.ts';
import { startServer } from '../../harness/server.ts';
import { spanIdOf, traceIdOf, traceRequest } from '../../harness/trace-builder.ts';

const FIXTURES: readonly CostFixture[] = [...BUG_REPORTS, ...BY_DIALECT];

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  for (const { name, spans } of FIXTURES) {
    const answer = await fetch(`${server.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${server.ingestKey}` },
      body: JSON.stringify(traceRequest(name, spans)),
    });
    expect(answer.status).toBe(200);
  }
});

afterAll(async () => {
  await server.dispose();
});

interface RunRow {
  readonly run_id: string;
}

interface CallRow {
  readonly span_id: string;
  readonly start_unix_nano: string;
}

/** The calls of all runs of a fixture's trace, as the API answers them. */
async function callsOf(fixture: CostFixture): Promise<CallRow[]> {
  const trace = traceIdOf(fixture.name);
  const runs = await eventually(`runs of ${fixture.name}`, async () => {
    const { body } = await server.api('GET', `/api/v1/runs?trace=${trace}`);
    const found = body.data as (RunRow & { model_calls: number })[];
    const calls = found.reduce((sum, run) => sum + run.model_calls, 0);
    return calls >= fixture.calls.length ? found : undefined;
  });
  const calls = await Promise.all(
    runs.map(async ({ run_id: id }) => {
      const { body } = await server.api('GET', `/api/v1/runs/${id}?trace=${trace}`);
      return (body.data as { model_calls: CallRow[] }).model_calls;
    }),
  );
  return calls
    .flat()
    .toSorted((one, other) =>
      BigInt(one.start_unix_nano) < BigInt(other.start_unix_nano) ? -1 : 1,
    );
}

function expectedOf(call: ExpectedCall) {
  const reported = call.reported !== undefined;
  const cost = call.sum === null ? (call.reported ?? null) : dollarsOf(call.sum);
  return {
    span_id: spanIdOf(call.span),
    tokens: {
      input: call.input,
      output: call.output,
      cache_read: call.cacheRead ?? expect.toSatisfy(isNothing),
      cache_write: call.cacheWrite ?? expect.toSatisfy(isNothing),
      reasoning: call.reasoning ?? expect.toSatisfy(isNothing),
    },
    estimated: call.estimated ?? false,
    invalid: false,
    cost_usd: cost,
    cost_source: cost === null ? '' : reported ? 'reported' : 'library',
    cost_missing: call.missing ?? '',
  };
}

const hasTokens = ({ input, output }: ExpectedCall): boolean => input !== null || output !== null;
const isNothing = (count: unknown): boolean => count === null || count === 0;

describe('tokens and costs worked out by hand', () => {
  test.each(FIXTURES.map((fixture) => [fixture.name, fixture] as const))(
    '%s',
    async (_, fixture) => {
      const calls = await callsOf(fixture);
      expect(calls).toHaveLength(fixture.calls.length);
      expect(calls).toMatchObject(fixture.calls.map(expectedOf));
    },
  );

  test('there is a fixture for every dialect whose spans are calls of models', () => {
    const covered = new Set([...BY_DIALECT.map(({ dialect }) => dialect), ...WITHOUT_CALLS]);
    expect(DIALECTS.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
  });

  test('the sum of costs is that of the fixtures, to the billionth of a dollar', async () => {
    const all = FIXTURES.flatMap(({ calls }) => calls);
    const total = all.reduce(
      (sum, call) => sum + (call.sum === null ? (call.reported ?? 0) : dollarsOf(call.sum)),
      0,
    );
    const query = 'from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z';
    const { body } = await server.api('GET', `/api/v1/costs/summary?${query}`);
    const summary = body.data as {
      all_cost_usd: number;
      all: { calls: number; unpriced_calls: number; calls_without_tokens: number };
    };
    expect(Math.abs(summary.all_cost_usd - total)).toBeLessThan(1e-9);
    expect(summary.all).toMatchObject({
      calls: all.length,
      unpriced_calls: all.filter((call) => call.missing !== undefined && hasTokens(call)).length,
      calls_without_tokens: all.filter((call) => !hasTokens(call)).length,
    });
  });
});

import { z } from 'zod';

import type { RunDetail } from '../../model/run.ts';
import { defineCheck, failed, notApplicable, passed } from './check.ts';

const NS_PER_MS = 1_000_000n;

/** Checks of how a run ended and what it took. */

export const errorFree = defineCheck({
  id: 'error_free',
  severity: 'HIGH',
  summary: 'The run ended, and not with an error.',
  onByDefault: true,
  params: z.strictObject({
    allow_recovered: z
      .boolean()
      .default(true)
      .describe('Whether a run may have spans with errors that it recovered from.'),
  }),
  evaluate: ({ run }, { allow_recovered }) => {
    const expected = allow_recovered ? 'a run that ends well' : 'no span with an error';
    const about = { expected, spanId: run.runId };
    if (run.status === 'running') return notApplicable('the run has not ended');
    if (run.status === 'abandoned') {
      return failed({
        ...about,
        actual: 'abandoned',
        message: 'No end of the run came.',
        value: run.name,
      });
    }
    if (run.status === 'error') {
      // OpenTelemetry's `_OTHER` says that no kind is known.
      const kind = ['', '_OTHER'].includes(run.errorType) ? 'an error' : run.errorType;
      return failed({
        ...about,
        actual: kind,
        message: `The run ended with ${kind}.`,
        value: run.errorMessage,
      });
    }
    if (run.errorCount === 0 || allow_recovered) {
      return passed(expected, `${run.errorCount} spans with errors`);
    }
    return failed({
      ...about,
      actual: `${run.errorCount} spans with errors`,
      delta: run.errorCount,
      message: `${run.errorCount} spans of the run have errors.`,
      value: run.errorMessage,
    });
  },
});

export const latencyWithinSla = defineCheck({
  id: 'latency_within_sla',
  severity: 'MEDIUM',
  summary: 'The run took no longer than agreed.',
  onByDefault: true,
  params: z.strictObject({
    max_ms: z
      .number()
      .positive()
      .max(1e10)
      .default(60_000)
      .describe('How long a run may take, in milliseconds.'),
  }),
  evaluate: ({ run }, { max_ms }) => {
    if (run.durationNs === null) return notApplicable('the run has no end');
    const ms = Number(run.durationNs / NS_PER_MS) + Number(run.durationNs % NS_PER_MS) / 1e6;
    const expected = `at most ${max_ms} ms`;
    if (ms <= max_ms) return passed(expected, `${ms} ms`);
    return failed({
      expected,
      actual: `${ms} ms`,
      delta: ms - max_ms,
      message: `The run took ${Math.round(ms)} ms; ${max_ms} ms are agreed.`,
      spanId: run.runId,
      value: `${ms} ms`,
    });
  },
});

export const tokensWithinBudget = defineCheck({
  id: 'tokens_within_budget',
  severity: 'MEDIUM',
  summary: 'The run used no more tokens than budgeted.',
  onByDefault: false,
  params: z.strictObject({
    max_tokens: z
      .int()
      .positive()
      .default(1_000_000)
      .describe('Input and output tokens that a run may use.'),
  }),
  evaluate: (detail, { max_tokens }) => {
    const used = tokensOf(detail);
    if (used === null) return notApplicable('no model call reported tokens');
    const expected = `at most ${max_tokens} tokens`;
    if (used <= max_tokens) return passed(expected, `${used} tokens`);
    // The call that took most is where to look first.
    const largest = detail.modelCalls.reduce<{ spanId: string; tokens: number }>(
      (most, call) => {
        const tokens = (call.tokens.input ?? 0) + (call.tokens.output ?? 0);
        return tokens > most.tokens ? { spanId: call.spanId, tokens } : most;
      },
      { spanId: detail.run.runId, tokens: 0 },
    );
    return failed({
      expected,
      actual: `${used} tokens`,
      delta: used - max_tokens,
      message: `The run used ${used} tokens; the budget is ${max_tokens}.`,
      spanId: largest.spanId,
      value: `${largest.tokens} tokens in the largest call`,
    });
  },
});

/** Input and output tokens of the run; null when nothing was reported. */
export function tokensOf({ run }: Pick<RunDetail, 'run'>): number | null {
  const { input, output } = run.tokens;
  return input === null && output === null ? null : (input ?? 0) + (output ?? 0);
}

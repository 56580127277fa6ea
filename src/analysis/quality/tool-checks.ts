import { z } from 'zod';

import type { RunToolCall } from '../../model/run.ts';
import { defineCheck, failed, notApplicable, passed } from './check.ts';

/** Calls that a loop may be made of: `a b a b a b` is one of two. */
const LOOP_PERIOD_MAX = 4;

/** Checks of a run's tool calls. */

export const noToolLoop = defineCheck({
  id: 'no_tool_loop',
  severity: 'HIGH',
  summary:
    'No tool, and no row of up to four tools, is called again and again with the same arguments.',
  onByDefault: true,
  params: z.strictObject({
    max_repeats: z
      .int()
      .min(1)
      .max(1_000)
      .default(3)
      .describe('How often the same call may be made in a row.'),
  }),
  evaluate: ({ toolCalls, run }, { max_repeats }) => {
    const expected = `at most ${max_repeats} times in a row`;
    if (toolCalls.length === 0) return notApplicable('the run called no tool');
    const captured = toolCalls.some(({ argumentsText }) => argumentsText !== null);
    if (!captured && run.loopLength <= 1) {
      return notApplicable('the arguments of its tool calls were not captured');
    }
    const loop = longestLoop(toolCalls);
    if (loop.repeats <= max_repeats) return passed(expected, `${loop.repeats} times in a row`);
    const names = loop.calls.map(({ name }) => name).join(', ');
    return failed({
      expected,
      actual: `${loop.repeats} times in a row`,
      delta: loop.repeats - max_repeats,
      message: `${names} was called ${loop.repeats} times in a row with the same arguments.`,
      spanId: loop.calls[0]!.spanId,
      value: `${names}: ${loop.calls[0]!.argumentsText ?? ''}`,
    });
  },
});

interface Loop {
  readonly repeats: number;
  /** One turn of the loop, the last one. */
  readonly calls: readonly RunToolCall[];
}

/** The row of calls that is repeated most often without a break; calls without captured arguments are no repetition. */
function longestLoop(calls: readonly RunToolCall[]): Loop {
  let longest: Loop = { repeats: 1, calls: calls.slice(0, 1) };
  for (let period = 1; period <= LOOP_PERIOD_MAX; period++) {
    let same = 0;
    for (let at = period; at < calls.length; at++) {
      same = isSame(calls[at]!, calls[at - period]!) ? same + 1 : 0;
      const repeats = Math.floor(same / period) + 1;
      if (repeats > longest.repeats) {
        longest = { repeats, calls: calls.slice(at - period + 1, at + 1) };
      }
    }
  }
  return longest;
}

const isSame = (one: RunToolCall, other: RunToolCall): boolean =>
  one.name === other.name &&
  one.argumentsText !== null &&
  one.argumentsText === other.argumentsText;

export const retriesBounded = defineCheck({
  id: 'retries_bounded',
  severity: 'MEDIUM',
  summary: 'The run made failed calls again no more often than allowed.',
  onByDefault: true,
  params: z.strictObject({
    max_retries: z.int().min(0).max(1_000).default(3).describe('Retries that a run may need.'),
  }),
  evaluate: ({ run, toolCalls, modelCalls }, { max_retries }) => {
    if (run.modelCalls + run.toolCalls === 0) return notApplicable('the run made no call');
    const expected = `at most ${max_retries} retries`;
    if (run.retries <= max_retries) return passed(expected, `${run.retries} retries`);
    const culprit = toolCalls.findLast((call) => call.failed);
    const model = modelCalls.findLast((call) => call.failed);
    return failed({
      expected,
      actual: `${run.retries} retries`,
      delta: run.retries - max_retries,
      message: `${run.retries} calls were made again after they failed; ${max_retries} are allowed.`,
      spanId: culprit?.spanId ?? model?.spanId ?? run.runId,
      value: culprit?.name ?? model?.model ?? run.name,
    });
  },
});

export const toolResultsPresent = defineCheck({
  id: 'tool_results_present',
  severity: 'MEDIUM',
  summary: 'Every tool call that did not fail gave a result.',
  onByDefault: true,
  params: z.strictObject({}),
  evaluate: ({ toolCalls }) => {
    if (toolCalls.length === 0) return notApplicable('the run called no tool');
    if (toolCalls.every(({ resultText }) => resultText === null)) {
      return notApplicable('the results of its tool calls were not captured');
    }
    const expected = 'a result of every call';
    const empty = toolCalls.filter((call) => !call.failed && isEmpty(call.resultText));
    if (empty.length === 0) return passed(expected, `${toolCalls.length} calls`);
    const [first] = empty;
    return failed({
      expected,
      actual: `${empty.length} of ${toolCalls.length} calls without a result`,
      delta: empty.length,
      message: `${first!.name} gave no result${empty.length > 1 ? `, nor did ${empty.length - 1} other calls` : ''}.`,
      spanId: first!.spanId,
      value: `${first!.name}: ${first!.argumentsText ?? ''}`,
    });
  },
});

/** `[]` and `{}` are results: nothing was found. */
function isEmpty(result: string | null): boolean {
  return result === null || /^(?:null|undefined|""|'')?$/.test(result.trim());
}

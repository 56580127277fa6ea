import type { RunDetail } from '../../model/run.ts';

/** A run that never was, of given texts: to try a rule on. What is not given is not known. */
export function textRun(project: string, input: string | null, output: string | null): RunDetail {
  const content = (text: string | null) =>
    text === null ? null : { spanId: '', text, truncated: false };
  return {
    run: {
      project,
      traceId: '',
      runId: '',
      parentRunId: '',
      agent: '',
      agentVersion: '',
      name: '',
      service: '',
      framework: '',
      implied: false,
      status: 'ok',
      errorType: '',
      errorMessage: '',
      receivedMs: 0,
      startNs: 0n,
      durationNs: null,
      spanCount: 0,
      errorCount: 0,
      modelCalls: 0,
      toolCalls: 0,
      retries: 0,
      loopLength: 0,
      tokens: { input: null, output: null, cacheRead: null, cacheWrite: null, reasoning: null },
      callsWithoutTokens: 0,
      callsEstimated: 0,
      callsInvalid: 0,
      cost: null,
      callsUnpriced: 0,
      conversation: '',
      user: '',
      models: [],
      tools: {},
      truncated: false,
    },
    modelCalls: [],
    toolCalls: [],
    input: content(input),
    output: content(output),
  };
}

import { BoundedMap } from '../base/bounded-map.ts';
import type { Clock } from '../base/clock.ts';
import type { RateLimit } from './policy/compile-policies.ts';

const MINUTE_MS = 60_000;
const AGENTS_MAX = 10_000;
/** Calls that are remembered to notice a loop. */
const RECENT_MAX = 64;

export interface LoopGuard {
  /** So many equal calls within the window, and the next is refused. */
  readonly callsMax: number;
  readonly windowMs: number;
}

export interface RateLimiter {
  /** Counts the call, or answers why it is one too many; a refused call is not counted. */
  admit(call: {
    readonly project: string;
    readonly agent: string;
    /** The same for calls of one tool with the same arguments. */
    readonly sameness: string;
    readonly limit: RateLimit | undefined;
  }): string | undefined;
}

interface AgentCalls {
  /** When calls of the last minute came, oldest first, from `first` on. */
  times: number[];
  first: number;
  total: number;
  recent: { readonly sameness: string; readonly atMs: number }[];
}

/** Counts calls by agent, in memory and since the start. */
export function createRateLimiter(options: {
  readonly clock: Clock;
  readonly loopGuard: LoopGuard | undefined;
}): RateLimiter {
  const agents = new BoundedMap<string, AgentCalls>(AGENTS_MAX);
  return {
    admit({ project, agent, sameness, limit }) {
      const nowMs = options.clock.now();
      const key = `${project}\0${agent}`;
      const calls = agents.get(key) ?? { times: [], first: 0, total: 0, recent: [] };
      // Set anew, so that the agents forgotten first are those that have not called for longest.
      agents.set(key, calls);
      forgetBefore(calls, nowMs - MINUTE_MS);
      const refusal = overLimit(agent, calls, limit) ?? inLoop(agent, calls, { sameness, nowMs });
      if (refusal !== undefined) return refusal;
      calls.total += 1;
      if (limit?.maxPerMinute !== undefined) calls.times.push(nowMs);
      calls.recent.push({ sameness, atMs: nowMs });
      if (calls.recent.length > RECENT_MAX) calls.recent.shift();
      return undefined;
    },
  };

  function inLoop(
    agent: string,
    { recent }: AgentCalls,
    { sameness, nowMs }: { sameness: string; nowMs: number },
  ): string | undefined {
    const guard = options.loopGuard;
    if (guard === undefined) return undefined;
    const since = nowMs - guard.windowMs;
    const equal = recent.filter((call) => call.atMs > since && call.sameness === sameness).length;
    if (equal < guard.callsMax) return undefined;
    return `loop: ${agent} made this call ${equal} times in ${guard.windowMs / 1_000} s`;
  }
}

function overLimit(
  agent: string,
  calls: AgentCalls,
  limit: RateLimit | undefined,
): string | undefined {
  if (limit?.maxTotal !== undefined && calls.total >= limit.maxTotal) {
    return `rate limit: ${agent} has made the ${limit.maxTotal} calls that policy ${limit.policy} allows`;
  }
  const lastMinute = calls.times.length - calls.first;
  if (limit?.maxPerMinute !== undefined && lastMinute >= limit.maxPerMinute) {
    return `rate limit: ${agent} has made the ${limit.maxPerMinute} calls a minute that policy ${limit.policy} allows`;
  }
  return undefined;
}

function forgetBefore(calls: AgentCalls, beforeMs: number): void {
  while (calls.first < calls.times.length && calls.times[calls.first]! <= beforeMs) calls.first++;
  if (calls.first > 1_024) {
    calls.times = calls.times.slice(calls.first);
    calls.first = 0;
  }
}

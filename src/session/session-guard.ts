import { textIn } from './session-event.ts';
import type { SessionEvent } from './session-event.ts';
import { costOf } from './session-summary.ts';
import { canonicalJson } from '../base/verifier.ts';

/** Limits that a session is held to; undefined for none. */
export interface GuardLimits {
  /** US dollars, of the calls whose price is known. */
  readonly maxCost: number | undefined;
  /** Seconds since the session began. */
  readonly maxDuration: number | undefined;
  /** Calls of the same tool in a row, after the first. */
  readonly maxRetries: number | undefined;
  /** Calls of a tool with the same arguments among the last ten. */
  readonly loopThreshold: number | undefined;
}

export type GuardRule = 'max_cost' | 'max_duration' | 'max_retries' | 'loop_threshold';

export interface Violation {
  readonly rule: GuardRule;
  readonly value: number;
  readonly limit: number;
  readonly message: string;
}

const LOOP_WINDOW = 10;

/** Tells each limit that a session goes beyond, once. */
export class SessionGuard {
  readonly #limits: GuardLimits;
  readonly #startNs: bigint;
  readonly #told = new Set<GuardRule>();
  readonly #lastCalls: string[] = [];
  #cost = 0n;
  #lastTool = '';
  #row = 0;

  constructor(startNs: bigint, limits: GuardLimits) {
    this.#startNs = startNs;
    this.#limits = limits;
  }

  add(event: SessionEvent): Violation[] {
    if (event.type === 'llm_response') {
      this.#cost += costOf(event).amount ?? 0n;
      const dollars = Number(this.#cost) / 1e12;
      return this.#beyond(
        'max_cost',
        dollars,
        this.#limits.maxCost,
        `it has cost $${dollars.toFixed(4)}`,
      );
    }
    if (event.type !== 'tool_call') return [];
    const tool = textIn(event.data, 'tool_name');
    this.#row = tool === this.#lastTool ? this.#row + 1 : 0;
    this.#lastTool = tool;
    this.#lastCalls.push(`${tool} ${canonicalJson(event.data['arguments'])}`);
    if (this.#lastCalls.length > LOOP_WINDOW) this.#lastCalls.shift();
    const same = this.#lastCalls.filter((call) => call === this.#lastCalls.at(-1)).length;
    const { loopThreshold, maxRetries } = this.#limits;
    return [
      ...this.#beyond(
        'max_retries',
        this.#row,
        maxRetries,
        `${tool} was called again ${this.#row} times in a row`,
      ),
      // Reaching the threshold is a loop.
      ...(same === loopThreshold
        ? this.#tell({
            rule: 'loop_threshold',
            value: same,
            limit: loopThreshold,
            message: `${tool} was called ${same} times with the same arguments`,
          })
        : []),
    ];
  }

  /** Time goes on without events. */
  tick(nowNs: bigint): Violation[] {
    const seconds = Number(nowNs - this.#startNs) / 1e9;
    return this.#beyond(
      'max_duration',
      seconds,
      this.#limits.maxDuration,
      `it has run for ${seconds.toFixed(0)} s`,
    );
  }

  #beyond(rule: GuardRule, value: number, limit: number | undefined, message: string): Violation[] {
    if (limit === undefined || value <= limit) return [];
    return this.#tell({ rule, value, limit, message });
  }

  #tell(violation: Violation): Violation[] {
    if (this.#told.has(violation.rule)) return [];
    this.#told.add(violation.rule);
    return [violation];
  }
}

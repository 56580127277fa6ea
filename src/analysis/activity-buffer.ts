import { setImmediate as nextTurn } from 'node:timers/promises';

import type { AgentFacet, AgentStore } from '../storage/agent-store.ts';

interface Seen {
  readonly id: string;
  readonly lastSeenMs: number;
}

interface ActivityBufferOptions {
  readonly agents: AgentStore;
  readonly intervalMs: number;
  readonly onError: (error: unknown) => void;
}

const ROWS_AT_ONCE = 500;

/**
 * Collects what changes with every request, so that the store is written once in an interval and not once a request.
 * Bounded by the agents that are registered: a last-seen time and a few facets of each.
 */
export class ActivityBuffer {
  readonly #options: ActivityBufferOptions;
  #seen = new Set<Seen>();
  #facets: AgentFacet[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #down = false;

  constructor(options: ActivityBufferOptions) {
    this.#options = options;
  }

  /** The agent is kept by reference: what is written is its time when the flush comes to it. */
  addSeen(agent: Seen): void {
    this.#seen.add(agent);
    this.#schedule();
  }

  addFacets(facets: readonly AgentFacet[]): void {
    if (facets.length === 0) return;
    for (const facet of facets) this.#facets.push(facet);
    this.#schedule();
  }

  /** Writes all that was added before the call. What could not be written stays for the next flush. */
  async flush(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing.catch(() => undefined);
    this.#flushing = this.#write().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  async shutdown(): Promise<void> {
    this.#down = true;
    clearTimeout(this.#timer);
    await this.flush();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#down) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.flush().catch((error: unknown) => {
        this.#options.onError(error);
        this.#schedule();
      });
    }, this.#options.intervalMs);
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    const { agents } = this.#options;
    const facets = this.#facets;
    this.#facets = [];
    await inParts(
      facets,
      (part) => agents.recordFacets(part),
      (rest) => this.#facets.push(...rest),
    );
    const seen = [...this.#seen];
    this.#seen.clear();
    await inParts(
      seen,
      (part) =>
        agents.recordSeen(
          part.map(({ id, lastSeenMs }) => ({ agentId: id, seenAtMs: lastSeenMs })),
        ),
      (rest) => {
        for (const agent of rest) this.#seen.add(agent);
      },
    );
  }
}

/** Writes part by part, and lets the process turn to other work between them; gives back what was not written. */
async function inParts<T>(
  rows: readonly T[],
  write: (part: readonly T[]) => Promise<void>,
  giveBack: (rest: readonly T[]) => void,
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    try {
      await write(rows.slice(start, start + ROWS_AT_ONCE));
    } catch (error) {
      giveBack(rows.slice(start));
      throw error;
    }
    if (start + ROWS_AT_ONCE < rows.length) await nextTurn();
  }
}

import type { AgentSighting } from '../model/agent.ts';

/** What a request is decoded as. */
export interface DecodeContext {
  readonly project: string;
  /** When the request arrived; milliseconds since 1970 UTC. */
  readonly receivedAtMs: number;
}

/** What became of a request's items. */
export interface DecodeOutcome {
  readonly accepted: number;
  readonly rejected: number;
  /** Why items were rejected; '' when none was. */
  readonly message: string;
  readonly sightings: readonly AgentSighting[];
}

const REASONS_MAX = 5;

/** Counts rejected items by reason. */
export class Rejections {
  count = 0;
  readonly #reasons = new Map<string, number>();

  add(reason: string): void {
    this.count++;
    const known = this.#reasons.get(reason);
    if (known !== undefined || this.#reasons.size < REASONS_MAX)
      this.#reasons.set(reason, (known ?? 0) + 1);
  }

  /** A sentence for the sender, e.g. `2 spans rejected: span_id is missing or all zeros (2)`. */
  message(item: string): string {
    if (this.count === 0) return '';
    const reasons = [...this.#reasons].map(([reason, count]) => `${reason} (${count})`).join('; ');
    return `${this.count} ${item}${this.count === 1 ? '' : 's'} rejected: ${reasons}`;
  }
}

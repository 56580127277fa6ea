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
/** A reason may quote what was sent. */
const REASON_LENGTH_MAX = 200;

/** Counts rejected items by reason. */
export class Rejections {
  count = 0;
  readonly #reasons = new Map<string, number>();
  #others = 0;

  add(reason: string): void {
    this.count++;
    const shown =
      reason.length > REASON_LENGTH_MAX ? `${reason.slice(0, REASON_LENGTH_MAX)}…` : reason;
    const known = this.#reasons.get(shown);
    if (known === undefined && this.#reasons.size === REASONS_MAX) this.#others++;
    else this.#reasons.set(shown, (known ?? 0) + 1);
  }

  /** A sentence for the sender, e.g. `2 spans rejected: span_id is missing or all zeros (2)`. */
  message(item: string): string {
    if (this.count === 0) return '';
    const reasons = [...this.#reasons].map(([reason, count]) => `${reason} (${count})`);
    if (this.#others > 0) reasons.push(`other reasons (${this.#others})`);
    return `${this.count} ${item}${this.count === 1 ? '' : 's'} rejected: ${reasons.join('; ')}`;
  }
}

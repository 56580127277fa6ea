import type { Markable } from '../base/mark.ts';
import { markAll, restoreAll } from '../base/mark.ts';
import { LogColumns } from './log-columns.ts';
import { MetricColumns } from './metric-columns.ts';
import { OriginColumns } from './origin-columns.ts';
import { PayloadColumns } from './payload-columns.ts';
import { SpanColumns } from './span-columns.ts';

/** All telemetry of one segment: what is stored together. */
export class TelemetryColumns {
  readonly spans = new SpanColumns();
  readonly logs = new LogColumns();
  readonly metrics = new MetricColumns();
  readonly resources = new OriginColumns();
  readonly scopes = new OriginColumns();
  readonly payloads = new PayloadColumns();
  readonly #parts: readonly Markable[] = [
    ...this.spans.parts,
    ...this.logs.parts,
    ...this.metrics.parts,
    ...this.resources.parts,
    ...this.scopes.parts,
    ...this.payloads.parts,
  ];

  /** Rows of all signals. */
  get count(): number {
    return this.spans.count + this.logs.count + this.metrics.count;
  }

  /** The present end, to cut back to when what follows turns out not to belong. */
  mark(): readonly number[] {
    return markAll(this.#parts);
  }

  restore(mark: readonly number[]): void {
    restoreAll(this.#parts, mark);
    this.resources.relearn();
    this.scopes.relearn();
    this.payloads.relearn();
  }

  reset(): void {
    this.spans.reset();
    this.logs.reset();
    this.metrics.reset();
    this.resources.reset();
    this.scopes.reset();
    this.payloads.reset();
  }
}

import { adoptForViewing, forgetView } from '../base/data-view.ts';
import { RecentSet } from '../base/recent-set.ts';
import { AppError } from '../errors.ts';
import type { NoiseRule } from '../model/noise.ts';
import type { Signal } from '../model/signal.ts';
import type { TelemetryColumns } from '../model/telemetry-columns.ts';
import { GenAiResolver } from '../semconv/genai-resolver.ts';
import type { NatureRules } from '../semconv/span-nature.ts';
import { findEvent } from '../semconv/told-events.ts';
import type { DecodeContext, DecodeOutcome } from './decode-outcome.ts';
import { LogDecoder } from './log-decoder.ts';
import { MetricDecoder } from './metric-decoder.ts';
import { OriginDecoder } from './origin-decoder.ts';
import { MalformedError } from './protobuf-reader.ts';
import { ToldSpanDecoder } from './told-span-decoder.ts';
import { TraceDecoder } from './trace-decoder.ts';
import { renderValue } from './value-text.ts';

/** Runs that are remembered as counted: for as long as their spans may trickle in. */
export const COUNTED_RUNS = 50_000;

/** Decodes export requests of every signal into one segment's columns. */
export class TelemetryDecoder {
  readonly columns: TelemetryColumns;
  readonly #origins: OriginDecoder;
  readonly #decoders: Readonly<Record<Signal, TraceDecoder | LogDecoder | MetricDecoder>>;

  /** `countedRuns` is shared by the decoders of one receiver: a run may reach several segments. `noise` is no failure. */
  constructor(
    columns: TelemetryColumns,
    rules: NatureRules,
    countedRuns = new RecentSet(COUNTED_RUNS),
    noise: readonly NoiseRule[] = [],
  ) {
    this.columns = columns;
    this.#origins = new OriginDecoder(columns);
    const resolver = new GenAiResolver(rules, renderValue);
    this.#decoders = {
      traces: new TraceDecoder(columns, this.#origins, resolver, countedRuns, noise),
      logs: new LogDecoder(columns, this.#origins, {
        decoder: new ToldSpanDecoder(columns, resolver, countedRuns),
        find: (eventName, scopeName) => findEvent(eventName, scopeName, rules.dialects),
        dialectOf: (event) => resolver.dialectOfEvent(event),
      }),
      metrics: new MetricDecoder(columns, this.#origins),
    };
  }

  /**
   * Appends the good items of a request in protocol buffers. Throws `TELEMETRY_MALFORMED`, with the columns
   * as they were, when the bytes are no such request.
   */
  decode(signal: Signal, body: Buffer, context: DecodeContext): DecodeOutcome {
    const mark = this.columns.mark();
    adoptForViewing(body);
    try {
      return this.#decoders[signal].decode(body, context);
    } catch (error) {
      this.columns.restore(mark);
      if (!(error instanceof MalformedError)) throw error;
      throw new AppError(
        'TELEMETRY_MALFORMED',
        `cannot decode OTLP ${signal} request of ${body.length} bytes: ${error.message}`,
        { cause: error },
      );
    } finally {
      forgetView();
    }
  }

  /** Empties the columns. */
  reset(): void {
    this.columns.reset();
    this.#origins.reset();
    for (const decoder of Object.values(this.#decoders)) decoder.reset();
  }
}

import { createRequire } from 'node:module';

import { endOnExit } from './process-exit.ts';
import { DEFAULT_SETTINGS, shared, warnOnce, type Telemetry } from './shared-state.ts';
import type * as PipelineModule from './telemetry-pipeline.ts';
import type { TelemetryPipeline } from './telemetry-pipeline.ts';
import {
  resolveTelemetry,
  type PipelineOptions,
  type TelemetryOptions,
} from './telemetry-options.ts';

const OFF: Telemetry = {
  kind: 'off',
  serviceName: undefined,
  flush: () => Promise.resolve(),
  shutdown: () => {
    shared.telemetry = undefined;
    return Promise.resolve();
  },
};

/**
 * Starts telemetry for this process, in one line and at once: traces, metrics and logs over OTLP, spans for HTTP
 * in both directions. Off, with nothing loaded and nothing recorded, when no endpoint is given or
 * `OTEL_EXPORTER_OTLP_ENDPOINT` is empty. A second call returns what the first one started. Never throws: what
 * cannot be set up is told in one warning, and the program goes on without.
 */
export function initTelemetry(options: TelemetryOptions = {}): Telemetry {
  if (shared.telemetry !== undefined) return shared.telemetry;
  const telemetry = start(options);
  shared.telemetry = telemetry;
  return telemetry;
}

function start(options: TelemetryOptions): Telemetry {
  try {
    const resolved = resolveTelemetry(options, process.env);
    if (resolved.kind === 'on') return startPipeline(resolved.options);
    if (resolved.kind === 'invalid') warnOff(resolved.reason);
  } catch (error) {
    warnOff(error instanceof Error ? error.message : String(error));
  }
  return OFF;
}

function warnOff(reason: string): void {
  warnOnce('OFF', `Telemetry is off: ${reason}`);
}

function startPipeline(options: PipelineOptions): Telemetry {
  // Loaded by need and at once; beside this file when the package is built.
  const load = createRequire(import.meta.url);
  const module = load('../telemetry-pipeline.cjs') as typeof PipelineModule;
  shared.settings = options.settings;
  const pipeline = module.startPipeline(options, (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    warnOnce('EXPORT', `Telemetry could not be sent, and this is said once: ${reason}`);
  });
  return pipeline === undefined ? useExisting(options) : started(pipeline, options);
}

/** The program set OpenTelemetry up itself: our spans go its way. */
function useExisting(options: PipelineOptions): Telemetry {
  warnOnce('EXISTING', 'OpenTelemetry is set up already; its providers are used as they are.');
  return {
    kind: 'on',
    serviceName: options.serviceName,
    flush: () => Promise.resolve(),
    shutdown() {
      forget();
      return Promise.resolve();
    },
  };
}

function started(pipeline: TelemetryPipeline, options: PipelineOptions): Telemetry {
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    release();
    shared.openSpans.endAll('shutdown');
    await pipeline.shutdown();
    forget();
  };
  const telemetry: Telemetry = {
    kind: 'on',
    serviceName: options.serviceName,
    flush: () => pipeline.flush(),
    shutdown: () => (stopping ??= stop()),
  };
  const release = options.flushOnExit ? endOnExit(telemetry) : () => undefined;
  return telemetry;
}

function forget(): void {
  shared.telemetry = undefined;
  shared.settings = DEFAULT_SETTINGS;
}

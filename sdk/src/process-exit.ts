import { warnOnce, type Telemetry } from './shared-state.ts';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** How long the end of the process is held up for a receiver that does not answer. */
const EXIT_MS_MAX = 3_000;

/**
 * Sends what is left before the process ends: of its own accord, of a signal, or of an error that nobody caught.
 * A program that handles signals or errors itself stays the one that decides; then it calls `shutdown`. Returns
 * what removes the handlers.
 */
export function endOnExit(telemetry: Telemetry): () => void {
  const exitWith = async (code: number): Promise<void> => {
    await within(telemetry.shutdown());
    process.exit(code);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    void within(telemetry.shutdown()).then(() => {
      // The handlers are gone: with no other, the signal does now what it does by default.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  };
  const onError = (error: unknown): void => {
    if (process.listenerCount('uncaughtException') > 1) return;
    process.stderr.write(`${describe(error)}\n`);
    void exitWith(1);
  };
  // Nothing can happen any more: what is open stays open, and is closed as it is.
  const onIdle = async (): Promise<void> => {
    if (await within(telemetry.shutdown())) return;
    warnOnce('EXPORT', `Telemetry could not be sent within ${EXIT_MS_MAX} ms of the end.`);
    // What still tries to send would keep the process from ending.
    setImmediate(() => process.exit());
  };
  const onBeforeExit = (): void => void onIdle();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('uncaughtException', onError);
  process.once('beforeExit', onBeforeExit);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('uncaughtException', onError);
    process.off('beforeExit', onBeforeExit);
  };
}

/** Whether the work was over in time. */
async function within(work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, EXIT_MS_MAX, false);
  });
  const inTime = await Promise.race([work.then(() => true), limit]);
  clearTimeout(timer);
  return inTime;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : `Uncaught ${String(error)}`;
}

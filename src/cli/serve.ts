import { announcement } from './announcement.ts';
import { reportFailure } from './failure.ts';

export interface ServeFlags {
  readonly dataDir?: string;
  readonly http?: string;
  readonly grpc?: string;
  readonly config?: string;
  readonly gateway?: string;
  readonly demo?: true;
  readonly signInLink?: true;
}

/** How long draining may take before the process gives up and says so. */
const DRAIN_TIMEOUT_MS = 9_500;

/** Ctrl-C under `npm start` arrives twice: from the terminal and, forwarded, from npm. That is one signal. */
const SAME_SIGNAL_MS = 250;

/**
 * Starts the server and returns once it accepts telemetry; it then runs until a signal comes.
 * The first SIGTERM or SIGINT drains and exits 0; a second one exits at once.
 */
export async function serve(flags: ServeFlags): Promise<void> {
  const [{ startServer }, { loadConfig }] = await Promise.all([
    import('../main.ts'),
    import('../config.ts'),
  ]);
  const { config: file, demo: withDemo, signInLink, ...settings } = flags;
  const stopping = new AbortController();
  const configuration = loadConfig({ file, flags: settings });
  const running = startServer(configuration);
  stopOnSignals(stopping, async () => (await running).shutdown());
  const server = await running.catch((error: unknown) => {
    // What had started before the failure must not keep the process.
    process.exit(reportFailure(error));
  });
  if (stopping.signal.aborted) return;
  const { adminUsername } = configuration;
  // The first start tells one anyway.
  const signIn = signInLink && !server.firstStart ? await server.createSignIn() : undefined;
  console.log(announcement({ ...server, signIn }, { adminUsername, demoRuns: withDemo === true }));
  if (withDemo) {
    const [{ sendDemo }, key] = await Promise.all([import('./demo.ts'), server.createDemoKey()]);
    sendDemo({
      url: server.httpUrl,
      key,
      // A later start has the days already.
      ...(server.firstStart === undefined ? { days: 0 } : {}),
      signal: stopping.signal,
    }).catch(reportFailure);
  }
}

function stopOnSignals(stopping: AbortController, shutdown: () => Promise<void>): void {
  let firstAt: number | undefined;
  const stop = (): void => {
    const now = performance.now();
    if (firstAt !== undefined) {
      if (now - firstAt > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    firstAt = now;
    stopping.abort();
    console.error('Stopping: finishing what was accepted. A second signal stops at once.');
    setTimeout(() => {
      console.error(
        `error: still busy after ${DRAIN_TIMEOUT_MS} ms; nothing acknowledged is lost.`,
      );
      process.exit(1);
    }, DRAIN_TIMEOUT_MS).unref();
    shutdown().then(
      () => process.exit(0),
      (error: unknown) => process.exit(reportFailure(error)),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

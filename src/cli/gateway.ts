import { environment } from '../config.ts';
import { AppError } from '../errors.ts';
import { bridgeStdio } from '../gateway/faces/bridge-stdio.ts';
import { loadGatewayFile } from '../gateway/load-gateway-file.ts';
import { startStandaloneGateway, type StandaloneGateway } from '../main-gateway.ts';
import { reportFailure } from './failure.ts';
import { defaultGatewayDirectory, findGateway } from './gateway-address.ts';
import { productVersion } from './version.ts';

export interface GatewayFlags {
  readonly config?: string;
  readonly port?: number;
  readonly host?: string;
  readonly dataDir?: string;
  readonly mcp?: true;
  readonly agent?: string;
  readonly sessionId?: string;
}

/**
 * Runs a gateway until a signal comes, or, with `--mcp`, until who started it closes its end. With `--mcp` and a gateway
 * that runs already on the same data directory, it passes everything on to that one.
 */
export async function gateway(flags: GatewayFlags): Promise<void> {
  const env = environment();
  const loaded = loadGatewayFile(flags.config ?? 'gateway.yaml', env);
  const config = {
    ...loaded.config,
    ...(flags.port === undefined ? {} : { port: flags.port }),
    ...(flags.host === undefined ? {} : { host: flags.host }),
  };
  const dataDir = flags.dataDir ?? config.data_dir ?? defaultGatewayDirectory();
  const file = { ...loaded, config };
  const agent = flags.agent ?? 'anonymous';
  const sessionId = flags.sessionId ?? '';
  let running: StandaloneGateway;
  try {
    running = await startStandaloneGateway({ file, dataDir, env, version: productVersion() });
  } catch (error) {
    const isTaken = error instanceof AppError && error.code === 'DATA_DIRECTORY_LOCKED';
    if (!isTaken || !flags.mcp) throw error;
    const { url } = findGateway({ dataDir });
    console.error(`A gateway runs at ${url} already; passing calls of ${agent} on to it.`);
    await bridgeStdio({ url, agent, sessionId, version: productVersion() });
    process.exit(0);
  }
  stopOnSignals(running);
  // Standard output belongs to MCP.
  console.error(`The gateway listens on ${running.url}.`);
  console.error(`Decide about calls: signalbox approvals watch --data-dir ${dataDir}`);
  if (!flags.mcp) return;
  await running.gateway.serveStdio(agent, sessionId);
  await running.shutdown();
  process.exit(0);
}

function stopOnSignals(running: StandaloneGateway): void {
  const stop = (): void => {
    running.shutdown().then(
      () => process.exit(0),
      (error: unknown) => process.exit(reportFailure(error)),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

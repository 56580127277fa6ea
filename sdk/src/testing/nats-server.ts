import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';

/** A NATS server of this machine's own, as a process. */
export interface NatsServer {
  readonly port: number;
  readonly url: string;
  /** Kills it and starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };

/**
 * Whether tests with NATS can run. Without Debian's `nats-server` they are left out and that is said; in continuous
 * integration they run and fail.
 */
export function canRunNats(): boolean {
  if (spawnSync('nats-server', ['--version'], { env: ENVIRONMENT }).status === 0) return true;
  if (process.env['CI']) return true;
  process.stderr.write('NATS IS NOT TESTED: install nats-server (apt-get install nats-server).\n');
  return false;
}

/** Needs Debian's `nats-server`; fails with that name where it is missing. */
export async function startNatsServer(): Promise<NatsServer> {
  const port = await freePort();
  let child = await launch(port);
  const end = async (): Promise<void> => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  };
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    async restart() {
      await end();
      child = await launch(port);
    },
    stop: end,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function launch(port: number): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn('nats-server', ['--addr', '127.0.0.1', '--port', String(port)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: ENVIRONMENT,
    });
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk;
      if (log.includes('Server is ready')) resolve(child);
    });
    child.once('error', (cause) => {
      reject(
        new Error('nats-server cannot be started; install the package of that name', { cause }),
      );
    });
    child.once('exit', (code) => reject(new Error(`nats-server exited with ${code}: ${log}`)));
    process.once('exit', () => child.kill('SIGKILL'));
  });
}

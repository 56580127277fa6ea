import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

import { AppError } from '../errors.ts';
import type { PortWish } from './local-plan.ts';

const HOST = '127.0.0.1';

/** Ports that are held, so that nobody else is given them, until the process that wants one is about to start. */
export interface ReservedPorts {
  portOf(key: string): number;
  /** Lets go of every port of a process: its own, and those named `process:…`. */
  release(process: string): Promise<void>;
  close(): Promise<void>;
}

/** Finds a port for each wish. Throws `ADDRESS_IN_USE` when one that must be had is taken. */
export async function reservePorts(wishes: readonly PortWish[]): Promise<ReservedPorts> {
  const held = new Map<string, Server>();
  const ports = new Map<string, number>();
  const release = async (matches: (key: string) => boolean): Promise<void> => {
    const servers = [...held].filter(([key]) => matches(key));
    for (const [key] of servers) held.delete(key);
    await Promise.all(servers.map(([, server]) => new Promise((resolve) => server.close(resolve))));
  };
  try {
    for (const { key, port, preferred } of wishes) {
      const server = await hold(key, port ?? preferred ?? 0, port === undefined);
      held.set(key, server);
      ports.set(key, (server.address() as AddressInfo).port);
    }
  } catch (error) {
    await release(() => true);
    throw error;
  }
  return {
    portOf: (key) => ports.get(key)!,
    release: (process) => release((key) => key === process || key.startsWith(`${process}:`)),
    close: () => release(() => true),
  };
}

async function hold(key: string, port: number, anyWillDo: boolean): Promise<Server> {
  try {
    return await listen(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    if (anyWillDo) return await listen(0);
    throw new AppError(
      'ADDRESS_IN_USE',
      `port ${port}, which ${key} is to listen on, cannot be had on ${HOST} (${code}); choose another as its \`port\`, or leave it out to get one that is free.`,
      { cause: error },
    );
  }
}

async function listen(port: number): Promise<Server> {
  // Whoever connects in the meantime is cut off, as nobody is there.
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  return server;
}

import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { reservePorts } from './reserve-ports.ts';

let taken: Server;
let takenPort: number;
const listen = async (port: number): Promise<Server> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return server;
};
const close = (server: Server): Promise<unknown> => new Promise((resolve) => server.close(resolve));

beforeAll(async () => {
  taken = await listen(0);
  takenPort = (taken.address() as AddressInfo).port;
});
afterAll(() => close(taken));

test('a port is held until its process is about to start', async () => {
  const ports = await reservePorts([
    { key: 'nats' },
    { key: 'nats:monitor' },
    { key: 'natsy' },
    { key: 'signalbox', preferred: takenPort },
  ]);
  const [nats, monitor, other] = [
    ports.portOf('nats'),
    ports.portOf('nats:monitor'),
    ports.portOf('natsy'),
  ];
  expect(ports.portOf('signalbox')).not.toBe(takenPort);
  await ports.release('nats');
  await close(await listen(nats));
  await close(await listen(monitor));
  await expect(listen(other)).rejects.toThrow('EADDRINUSE');
  await ports.close();
  await close(await listen(other));
});

test('a port that must be had and is taken is named', async () => {
  await expect(reservePorts([{ key: 'weather', port: takenPort }])).rejects.toThrow(
    expect.objectContaining({
      code: 'ADDRESS_IN_USE',
      message: expect.stringContaining(
        `port ${takenPort}, which weather is to listen on`,
      ) as unknown,
    }),
  );
});

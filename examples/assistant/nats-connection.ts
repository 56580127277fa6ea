import { connect, headers } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { instrumentNats } from '@signalbox/sdk/nats';

const open = new Map<string, Promise<NatsConnection>>();

/** One connection for each server; it reconnects by itself. */
export function connectToNats(url: string): Promise<NatsConnection> {
  let connection = open.get(url);
  if (connection === undefined) {
    connection = connect({ servers: url, maxReconnectAttempts: -1 }).then((nats) =>
      instrumentNats(nats, { createHeaders: headers }),
    );
    open.set(url, connection);
    connection.catch(() => open.delete(url));
  }
  return connection;
}

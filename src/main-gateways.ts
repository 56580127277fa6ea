import { join } from 'node:path';

import { createLinkedGateways } from './api/linked-gateways.ts';
import { systemClock } from './base/clock.ts';
import type { Config } from './config.ts';
import { openCallLog } from './gateway/call-log.ts';
import type { openServerGateway } from './main-server-gateway.ts';

/** The gateway within the server, when there is one, and what is known of those elsewhere. */
export async function openGateways(config: Config, parts: Parameters<typeof openServerGateway>[1]) {
  const { changes, log, control } = parts;
  // Outlive a restart, as the calls of the server's own gateway do.
  const toldCalls = await openCallLog({
    file: join(config.dataDir, 'told-calls.jsonl'),
    onProblem: (message) => log.warn(message),
  });
  const linkedGateways = createLinkedGateways({
    store: control.toldApprovals,
    calls: toldCalls,
    changes,
    clock: systemClock,
  });
  const own = await openOwn(config, parts);
  return {
    api: { gateway: own?.box, toldCalls, linkedGateways },
    async shutdown(): Promise<void> {
      await own?.shutdown();
      await toldCalls.shutdown();
    },
  };
}

/** What a gateway stands on is loaded only where one runs, so that others start sooner. */
async function openOwn(...[config, parts]: Parameters<typeof openServerGateway>) {
  if (config.gateway === undefined) return undefined;
  const gateway = await import('./main-server-gateway.ts');
  return gateway.openServerGateway(config, parts);
}

import { createLinkedGateways } from '../../src/api/linked-gateways.ts';
import type { Broadcast } from '../../src/base/broadcast.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { Change } from '../../src/model/change.ts';
import type { ControlStore } from '../../src/storage/control-store.ts';

/** For a server to which no gateway elsewhere belongs, until one connects. */
export function noLinkedGateways(store: ControlStore, changes: Broadcast<Change>, clock: Clock) {
  const toldCalls = {
    add: () => undefined,
    written: async () => undefined,
    find: () => ({ entries: [], total: 0 }),
  };
  const linkedGateways = createLinkedGateways({
    store: store.toldApprovals,
    calls: toldCalls,
    changes,
    clock,
  });
  return { toldCalls, linkedGateways };
}

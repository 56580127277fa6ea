import { createLinkedGateways } from '../../src/api/linked-gateways.ts';
import type { Broadcast } from '../../src/base/broadcast.ts';
import type { Clock } from '../../src/base/clock.ts';
import { openCallLog } from '../../src/gateway/call-log.ts';
import type { Change } from '../../src/model/change.ts';
import type { ControlStore } from '../../src/storage/control-store.ts';

/** For a server to which no gateway elsewhere belongs, until one connects. */
export async function noLinkedGateways(
  store: ControlStore,
  changes: Broadcast<Change>,
  clock: Clock,
) {
  const toldCalls = await openCallLog({ onProblem: () => undefined });
  const linkedGateways = createLinkedGateways({
    store: store.toldApprovals,
    calls: toldCalls,
    changes,
    clock,
  });
  return { toldCalls, linkedGateways };
}

import type { AuditEntry } from '../audit-log.ts';
import type { ControlStore } from '../control-store.ts';

/** What a conformance test works on; each test has a project of its own. */
export type Context = () => {
  readonly store: ControlStore;
  readonly project: string;
  readonly open: () => Promise<ControlStore>;
};

export function entryOf(
  project: string,
  action: string,
  targetId: string,
  atMs = 1_000,
): AuditEntry {
  return {
    project,
    atMs,
    actor: { kind: 'user', id: 'usr_1', name: 'ada' },
    action,
    target: { kind: 'thing', id: targetId },
    reason: 'because',
    detail: { from: null, to: ['ü', 1.5, true] },
  };
}

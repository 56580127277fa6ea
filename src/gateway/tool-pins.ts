import { createHash } from 'node:crypto';

import { canonicalJson } from '../base/canonical-json.ts';
import type { Clock } from '../base/clock.ts';
import { AppError, messageOf } from '../errors.ts';
import type { ToolPin } from '../model/approval.ts';
import type { ToolPinStore } from '../storage/approval-store.ts';
import type { Actor } from '../storage/audit-log.ts';
import type { Upstream, UpstreamTool } from './upstreams/upstream.ts';

/**
 * Notices that a tool's description or schema is another than when it was first seen: that is how a server that was
 * harmless once talks agents into something later. Such a tool is held until somebody accepts it.
 */
export interface ToolPins {
  /** Compares an upstream's tools with their pins, now and whenever they change. */
  watch(upstream: Upstream): void;
  readonly isHeld: (server: string, tool: string) => boolean;
  list(): Promise<readonly ToolPin[]>;
  /** Throws `NOT_FOUND` when nothing with this digest is held. */
  accept(
    which: { readonly server: string; readonly tool: string; readonly digest: string | undefined },
    actor: Actor,
    reason?: string,
  ): Promise<ToolPin>;
  /** Resolves when what was noticed is stored. */
  settled(): Promise<void>;
}

interface ToolPinsOptions {
  readonly store: ToolPinStore;
  readonly project: string;
  readonly clock: Clock;
  readonly enabled: boolean;
  readonly onHeld: (pin: ToolPin) => void;
  readonly onProblem: (message: string) => void;
}

export async function openToolPins(options: ToolPinsOptions): Promise<ToolPins> {
  const { store, project, clock } = options;
  const pins = new Map<string, ToolPin>();
  for (const pin of await store.list(project)) pins.set(keyOf(pin.server, pin.tool), pin);
  let writing: Promise<void> = Promise.resolve();

  const compare = (upstream: Upstream): void => {
    const changed: ToolPin[] = [];
    for (const tool of upstream.tools()) {
      const known = pins.get(keyOf(upstream.name, tool.name));
      const next = compared(known, { project, server: upstream.name, tool, nowMs: clock.now() });
      if (next === undefined) continue;
      pins.set(keyOf(next.server, next.tool), next);
      changed.push(next);
      if (next.held !== null && known !== undefined) options.onHeld(next);
    }
    if (changed.length === 0) return;
    writing = writing
      .then(() => store.put(changed))
      .catch((error: unknown) => options.onProblem(`cannot pin tools: ${messageOf(error)}`));
  };

  return {
    watch(upstream) {
      if (!options.enabled) return;
      upstream.onToolsChanged(() => compare(upstream));
      compare(upstream);
    },
    isHeld: (server, tool) =>
      options.enabled && (pins.get(keyOf(server, tool))?.held ?? null) !== null,
    list: () => store.list(project),
    async accept({ server, tool, digest: wanted }, actor, reason) {
      await writing;
      const pin = pins.get(keyOf(server, tool));
      const held = pin?.held ?? undefined;
      const atMs = clock.now();
      const accepted =
        held !== undefined &&
        (wanted === undefined || wanted === held.digest) &&
        (await store.accept({ project, server, tool }, held.digest, atMs, {
          project,
          atMs,
          actor,
          action: 'tool.accepted',
          target: { kind: 'tool', id: `${server}.${tool}` },
          reason: reason ?? null,
          detail: { from: pin!.digest, to: held.digest },
        }));
      if (!accepted || pin === undefined) {
        throw new AppError('NOT_FOUND', `no such definition of ${server}.${tool} is held`);
      }
      const { digest, definitionJson } = held;
      const next: ToolPin = { ...pin, digest, definitionJson, pinnedAtMs: atMs, held: null };
      pins.set(keyOf(server, tool), next);
      return next;
    },
    settled: () => writing,
  };
}

/** The pin as it is to be, when that differs from what it is. */
function compared(
  known: ToolPin | undefined,
  about: {
    readonly project: string;
    readonly server: string;
    readonly tool: UpstreamTool;
    readonly nowMs: number;
  },
): ToolPin | undefined {
  const { project, server, tool, nowMs } = about;
  const definitionJson = canonicalJson(definitionOf(tool));
  const digest = createHash('sha256').update(definitionJson).digest('hex');
  if (known === undefined) {
    const pinnedAtMs = nowMs;
    return { project, server, tool: tool.name, digest, definitionJson, pinnedAtMs, held: null };
  }
  if (known.digest === digest) return known.held === null ? undefined : { ...known, held: null };
  if (known.held?.digest === digest) return undefined;
  return { ...known, held: { digest, definitionJson, sinceMs: nowMs } };
}

const keyOf = (server: string, tool: string): string => `${server}\0${tool}`;

/** What an agent reads of a tool. */
const definitionOf = ({ name, description, inputSchema, rest }: UpstreamTool) => ({
  name,
  description,
  inputSchema,
  rest: rest ?? {},
});

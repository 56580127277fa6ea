import type { SigningKey } from './signing-key.ts';
import { dataHashOf, eventHashOf, genesisHashOf } from './verifier.ts';
import type { JsonObject, SignedHead } from './verifier.ts';

/** Makes what the verifier checks: events that carry the hash of the one before, and a signed head. */

/** An event before it has a place. */
export interface UnchainedEvent {
  readonly type: string;
  readonly id: string;
  /** '' for none. */
  readonly parentId: string;
  /** Nanoseconds since 1970 UTC. */
  readonly timeNs: bigint;
  readonly durationMs?: number | undefined;
  readonly data: JsonObject;
}

export interface ChainPlace {
  readonly sessionId: string;
  /** From 1. */
  readonly seq: number;
  /** The hash of the event before, of the genesis for the first. */
  readonly previous: string;
}

/** An event in its place, with its hash. Its texts must be well-formed, or they hash otherwise once written. */
export function chainEvent(event: UnchainedEvent, { sessionId, seq, previous }: ChainPlace) {
  const bound = {
    data: event.data,
    data_hash: dataHashOf(event.data),
    ...(event.durationMs === undefined ? {} : { duration_ms: event.durationMs }),
    event_id: event.id,
    event_type: event.type,
    parent_id: event.parentId,
    prev_hash: previous,
    seq,
    session_id: sessionId,
    timestamp_ns: String(event.timeNs),
  };
  return { ...bound, hash: eventHashOf(bound) };
}

export type ChainedEvent = ReturnType<typeof chainEvent>;

export function signHead(
  key: SigningKey,
  of: {
    readonly sessionId: string;
    readonly genesisHash: string;
    readonly count: number;
    readonly hash: string;
  },
): SignedHead {
  const { count, genesisHash, hash, sessionId } = of;
  const content = { count, genesis_hash: genesisHash, hash, session_id: sessionId };
  return { count, hash, public_key: key.publicKey, signature: key.sign(content) };
}

/** A package with its signature, which is over the hash of all else in it. */
export function signPackage(key: SigningKey, content: JsonObject): JsonObject {
  return { ...content, signature: key.sign({ content_hash: dataHashOf(content) }) };
}

export interface SealedChain {
  readonly genesis: JsonObject;
  readonly head: SignedHead;
  readonly records: readonly JsonObject[];
}

/** A whole chain at once; `genesis` holds the facts that it is bound to, `session_id` among them. */
export function sealChain(
  key: SigningKey,
  genesis: JsonObject & { readonly session_id: string },
  events: readonly UnchainedEvent[],
): SealedChain {
  const sessionId = genesis.session_id;
  const genesisHash = genesisHashOf(genesis);
  let hash = genesisHash;
  const records = events.map((event, index) => {
    const record = chainEvent(event, { sessionId, seq: index + 1, previous: hash });
    ({ hash } = record);
    return record;
  });
  return {
    genesis,
    head: signHead(key, { sessionId, genesisHash, count: records.length, hash }),
    records,
  };
}

import { randomBytes } from 'node:crypto';

import type { Clock } from '../base/clock.ts';
import { randomId } from '../base/random-id.ts';
import type { Actor } from '../storage/audit-log.ts';
import type { SigningKey, SigningKeyStore } from '../storage/signing-key-store.ts';

/** Another replica's rotation is seen at the latest after this long. */
const RELOAD_AFTER_MS = 30_000;
/** A token with an unknown key asks the store at most this often. */
const UNKNOWN_RELOAD_AFTER_MS = 1_000;

/** The secrets that sign access tokens: one signs, those it replaced verify until their tokens have ended. */
export interface SigningKeyRing {
  current(): Promise<SigningKey>;
  /** The key with this id, if it may still verify. */
  get(id: string): Promise<SigningKey | undefined>;
  /** Puts a new key in charge. Tokens of the old ones stay valid for their life, or end at once. */
  rotate(options: { readonly endTokens: boolean }, actor: Actor): Promise<SigningKey>;
}

interface SigningKeyRingOptions {
  readonly store: SigningKeyStore;
  readonly clock: Clock;
  readonly tokenLifeMs: number;
  readonly project: string;
}

export function createSigningKeyRing(options: SigningKeyRingOptions): SigningKeyRing {
  const { store, clock, tokenLifeMs, project } = options;
  let keys: readonly SigningKey[] = [];
  let loadedAtMs = Number.NEGATIVE_INFINITY;

  const load = async () => {
    keys = await store.list(clock.now());
    loadedAtMs = clock.now();
  };
  const loadIfOlder = async (ageMs: number) => {
    if (clock.now() - loadedAtMs >= ageMs) await load();
  };
  const signing = () => keys.find((key) => key.retiredAtMs === null);

  return {
    async current() {
      await loadIfOlder(RELOAD_AFTER_MS);
      if (signing() === undefined) {
        await store.createFirst(createKey(clock.now()));
        await load();
      }
      return signing()!;
    },

    async get(id) {
      await loadIfOlder(RELOAD_AFTER_MS);
      if (!keys.some((key) => key.id === id)) await loadIfOlder(UNKNOWN_RELOAD_AFTER_MS);
      const key = keys.find((candidate) => candidate.id === id);
      const ended = key?.verifiesUntilMs != null && key.verifiesUntilMs <= clock.now();
      return ended ? undefined : key;
    },

    async rotate({ endTokens }, actor) {
      const nowMs = clock.now();
      const key = createKey(nowMs);
      await store.rotate(key, endTokens ? nowMs : nowMs + tokenLifeMs, {
        project,
        atMs: nowMs,
        actor,
        action: 'signing_key.rotated',
        target: { kind: 'signing_key', id: key.id },
        reason: null,
        detail: { end_tokens: endTokens },
      });
      await load();
      return key;
    },
  };
}

function createKey(nowMs: number): SigningKey {
  return {
    id: randomId('sig'),
    secret: randomBytes(32).toString('base64url'),
    createdAtMs: nowMs,
    retiredAtMs: null,
    verifiesUntilMs: null,
  };
}

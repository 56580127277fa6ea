import { isDeepStrictEqual } from 'node:util';

import type { Clock } from '../../base/clock.ts';
import { randomId, type NewId } from '../../base/random-id.ts';
import { AppError } from '../../errors.ts';
import type { PriceOverride, PriceTerms } from '../../model/price-override.ts';
import type { CallCost } from '../../model/run.ts';
import { createOverridePrices } from '../../semconv/override-prices.ts';
import type { CallUsage, FindPrices } from '../../semconv/price-call.ts';
import { priceCall } from '../../semconv/price-call.ts';
import type { Actor } from '../../storage/audit-log.ts';
import type { PriceStore, PriceVersion } from '../../storage/price-store.ts';

/** Of one project. Every call that is priced tries them in turn. */
export const OVERRIDES_MAX = 1_000;

/** The prices that hold: each project's own before the library's. Answers from memory. */
export interface PriceBook {
  /** What a call costs at the prices that are set now; also for calls of the past, as of their time. */
  price(project: string, usage: CallUsage): CallCost;

  find(project: string): FindPrices;

  /** The project's own prices, by id. */
  list(project: string): readonly PriceOverride[];

  /** Throws `NOT_FOUND`, as what follows does, for an id that never was. */
  listVersions(project: string, id: string): Promise<readonly PriceVersion[]>;

  create(project: string, terms: PriceTerms, actor: Actor): Promise<PriceOverride>;

  /** Sets new terms as a version more; the same terms again change nothing. */
  change(project: string, id: string, terms: PriceTerms, actor: Actor): Promise<PriceOverride>;

  remove(project: string, id: string, actor: Actor): Promise<void>;
}

export interface PriceBookOptions {
  readonly store: PriceStore;
  readonly library: FindPrices;
  readonly clock: Clock;
  readonly newId?: NewId;
  /** What the sender reckoned goes before what is computed. */
  readonly preferReported?: boolean;
}

interface Shelf {
  readonly overrides: ReadonlyMap<string, PriceOverride>;
  readonly find: FindPrices;
}

export async function loadPriceBook(options: PriceBookOptions): Promise<PriceBook> {
  const { store, clock, newId = randomId, preferReported = false } = options;
  const shelves = await loadShelves(options);
  const append = createAppend(shelves, options);
  const held = (project: string, id: string): PriceOverride => {
    const override = shelves.of(project).overrides.get(id);
    if (override === undefined) throw notFound(id);
    return override;
  };
  return {
    price: (project, usage) => priceCall(usage, shelves.of(project).find, preferReported),
    find: (project) => shelves.of(project).find,
    list: (project) => [...shelves.of(project).overrides.values()],

    async listVersions(project, id) {
      const versions = await store.listVersions(project, id);
      if (versions.length === 0) throw notFound(id);
      return versions;
    },

    async create(project, terms, actor) {
      if (shelves.of(project).overrides.size >= OVERRIDES_MAX) {
        throw new AppError(
          'VALIDATION_ERROR',
          `there are ${OVERRIDES_MAX} prices already; remove some, or cover several models with a pattern`,
        );
      }
      const override = { ...termsOf(terms), project, id: newId('prc'), version: 1 };
      await append(override, 'price.created', { actor, atMs: clock.now(), before: undefined });
      return override;
    },

    async change(project, id, terms, actor) {
      const before = held(project, id);
      if (isDeepStrictEqual(termsOf(before), termsOf(terms))) return before;
      const override = { ...before, ...termsOf(terms), version: before.version + 1 };
      await append(override, 'price.changed', { actor, atMs: clock.now(), before });
      return override;
    },

    async remove(project, id, actor) {
      const before = held(project, id);
      const last = { ...before, version: before.version + 1 };
      await append(last, 'price.removed', { actor, atMs: clock.now(), before });
    },
  };
}

/** Each project's prices, in memory. */
interface Shelves {
  of(project: string): Shelf;
  place(project: string, overrides: ReadonlyMap<string, PriceOverride>): void;
}

async function loadShelves({ store, library }: PriceBookOptions): Promise<Shelves> {
  const empty: Shelf = { overrides: new Map(), find: library };
  const byProject = new Map<string, Shelf>();
  const shelves: Shelves = {
    of: (project) => byProject.get(project) ?? empty,
    place: (project, overrides) => {
      const find = createOverridePrices([...overrides.values()], library);
      byProject.set(project, { overrides, find });
    },
  };
  const current = new Map<string, Map<string, PriceOverride>>();
  for (const override of await store.listCurrent()) {
    const own = current.get(override.project) ?? new Map<string, PriceOverride>();
    current.set(override.project, own.set(override.id, override));
  }
  for (const [project, overrides] of current) shelves.place(project, overrides);
  return shelves;
}

/** Keeps a version, and has it hold. */
function createAppend(shelves: Shelves, { store }: PriceBookOptions) {
  return async (
    override: PriceOverride,
    action: 'price.created' | 'price.changed' | 'price.removed',
    { actor, atMs, before }: { actor: Actor; atMs: number; before: PriceOverride | undefined },
  ): Promise<void> => {
    const { project, id } = override;
    const removed = action === 'price.removed';
    const kept = await store.append(
      { override, removed, atMs, by: actor.name },
      {
        project,
        atMs,
        actor,
        action,
        target: { kind: 'price', id },
        reason: null,
        detail: {
          from: before === undefined ? null : termsOf(before),
          to: removed ? null : termsOf(override),
        },
      },
    );
    if (!kept) {
      throw new AppError(
        'CONFLICT',
        `the price ${id} was changed meanwhile; look again, then retry`,
      );
    }
    const overrides = new Map(shelves.of(project).overrides);
    if (removed) overrides.delete(id);
    else overrides.set(id, override);
    shelves.place(project, overrides);
  };
}

function termsOf({ modelPattern, provider, tier, fromMs, prices }: PriceTerms) {
  return { modelPattern, provider, tier, fromMs, prices: { ...prices } };
}

function notFound(id: string): AppError {
  return new AppError('NOT_FOUND', `there is no price ${id}`);
}

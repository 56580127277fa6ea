import type { Retention } from '../../client/settings.ts';

type Spell = Retention['stored'][number];
type Terms = Retention['terms'];
export type KeptKind = Spell['kind'];

const DAY_MS = 86_400_000;

export const KINDS: readonly {
  readonly kind: KeptKind;
  readonly name: string;
  readonly note: string;
  readonly least: number;
}[] = [
  { kind: 'spans', name: 'Spans', note: 'and their large values', least: 1 },
  { kind: 'log_records', name: 'Log records', note: '', least: 1 },
  { kind: 'metrics', name: 'Metrics', note: '', least: 1 },
  { kind: 'runs', name: 'Runs', note: 'costs and quality results; 31 days at least', least: 31 },
];

export interface KindSum {
  readonly kind: KeptKind;
  readonly name: string;
  readonly note: string;
  readonly least: number;
  readonly rows: number;
  readonly bytes: number;
  /** ISO time; undefined when nothing is stored. */
  readonly oldest: string | undefined;
}

export function sumKind(stored: readonly Spell[], kind: KeptKind): KindSum {
  const words = KINDS.find((one) => one.kind === kind)!;
  const spells = stored.filter((spell) => spell.kind === kind);
  const froms = spells.map(({ from }) => from).toSorted();
  return { ...words, ...totalOf(spells), oldest: froms[0] };
}

const totalOf = (spells: readonly Spell[]) => ({
  rows: spells.reduce((sum, { rows }) => sum + rows, 0),
  bytes: spells.reduce((sum, { bytes }) => sum + bytes, 0),
});

/** What terms would have removed by now, as the server decides it. */
export function wouldGo(
  stored: readonly Spell[],
  terms: Terms,
  nowMs: number,
): { readonly rows: number; readonly bytes: number } {
  return totalOf(
    stored.filter((spell) => {
      const days = terms[`${spell.kind}_days`];
      return (
        days !== null && Date.parse(spell.to) <= nowMs - days * DAY_MS && !isHeld(spell, terms)
      );
    }),
  );
}

function isHeld({ from, to }: Spell, { holds }: Terms): boolean {
  return holds.some((hold) => {
    if (hold.from === '') return false;
    const end = hold.to === null ? Infinity : Date.parse(hold.to) + DAY_MS;
    return Date.parse(from) < end && Date.parse(to) > Date.parse(hold.from);
  });
}

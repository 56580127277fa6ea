import { bareModel } from './model-spelling.ts';

const NEAREST_MAX = 3;
/** Of the parts of both names, how many they have to have in common: the maker's name alone is not enough. */
const SHARE_MIN = 0.5;

/**
 * Those of the known names that are most like the model's: which of the parts between their marks they share, as
 * `gpt-4o` and `gpt-4o-2099-01-01` do. The most alike first, three at most.
 */
export function nearestModels(model: string, known: readonly string[]): string[] {
  const parts = partsOf(model);
  return known
    .map((name) => ({ name, share: shareOf(parts, partsOf(name)) }))
    .filter(({ share }) => share >= SHARE_MIN)
    .toSorted((one, other) => other.share - one.share || (one.name < other.name ? -1 : 1))
    .slice(0, NEAREST_MAX)
    .map(({ name }) => name);
}

/** Words and numbers, each a part of its own: `claude-sonnet-4-5` has four. */
function partsOf(model: string): ReadonlySet<string> {
  return new Set(bareModel(model).match(/[a-z]+|\d+[a-z]?/g) ?? []);
}

function shareOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const total = one.size + other.size;
  if (total === 0) return 0;
  let common = 0;
  for (const part of one) if (other.has(part)) common++;
  return (2 * common) / total;
}

/** Tests one name. */
export type NameTest = (name: string) => boolean;

const WILDCARD = /[*?]/;

export const hasWildcard = (pattern: string): boolean => WILDCARD.test(pattern);

/**
 * Compiles a pattern in which `*` stands for any characters, none included, and `?` for one; all else is literal.
 * Testing takes time linear in the name for the usual shapes and at worst pattern × name, without recursion.
 */
export function compileGlob(pattern: string): NameTest {
  if (pattern === '*') return () => true;
  if (!hasWildcard(pattern)) return (name) => name === pattern;
  if (pattern.includes('?')) return (name) => matchesGlob(pattern, name);
  const parts = pattern.split('*');
  if (parts.length > 3) return (name) => matchesGlob(pattern, name);
  const [first = '', middle = '', last = ''] =
    parts.length === 3 ? parts : [parts[0], '', parts[1]];
  const literals = first.length + middle.length + last.length;
  return (name) =>
    name.length >= literals &&
    name.startsWith(first) &&
    name.endsWith(last) &&
    (middle === '' || isWithin(name, middle, first.length, name.length - last.length));
}

function isWithin(name: string, middle: string, from: number, to: number): boolean {
  const at = name.indexOf(middle, from);
  return at >= 0 && at + middle.length <= to;
}

/** Greedy with one point of return: the last star. */
function matchesGlob(pattern: string, name: string): boolean {
  let [p, n, star, resumeAt] = [0, 0, -1, 0];
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      resumeAt = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resumeAt;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

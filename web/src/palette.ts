/** What the command palette offers, and the order in which it does. */
export interface Command {
  readonly id: string;
  readonly label: string;
  readonly kind: string;
  /** Found by these, too, but not shown. */
  readonly words?: string | undefined;
  readonly run: () => void;
}

/** The letters are in the text, in order and apart. */
const SCATTERED = 10;

/** How well a text answers a question: 0 not at all; more is better. Letters may be left out, in order. */
export function rate(text: string, wanted: string): number {
  const held = text.toLowerCase();
  const asked = wanted.trim().toLowerCase();
  if (asked === '') return 1;
  if (held === asked) return 100;
  if (held.startsWith(asked)) return 80;
  if (held.split(/[\s\-_./]+/).some((word) => word.startsWith(asked))) return 60;
  if (held.includes(asked)) return 40;
  let at = -1;
  for (const letter of asked) {
    at = held.indexOf(letter, at + 1);
    if (at < 0) return 0;
  }
  return SCATTERED;
}

/** Letters that lie scattered over a row of words answer nothing. */
function rateWords(words: string | undefined, wanted: string): number {
  const score = words === undefined ? 0 : rate(words, wanted);
  return score === SCATTERED ? 0 : Math.min(50, score);
}

/** The commands that answer, best first; among equals the order given. */
export function rank(commands: readonly Command[], wanted: string, most = 12): Command[] {
  return commands
    .map((command) => ({
      command,
      score: Math.max(rate(command.label, wanted), rateWords(command.words, wanted)),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ command }) => command);
}

/** A trace id as people paste it: 32 hexadecimal digits, dashes and blanks aside. */
export function traceIdIn(text: string): string | undefined {
  const bare = text.trim().replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(bare) ? bare : undefined;
}

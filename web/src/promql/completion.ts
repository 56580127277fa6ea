/** What may stand where the cursor is, and the word that it would replace. */
export type Completion =
  | { readonly kind: 'name'; readonly from: number; readonly word: string }
  | {
      readonly kind: 'label';
      readonly from: number;
      readonly word: string;
      /** The metric whose labels they are; '' when it is not known. */
      readonly metric: string;
    }
  | {
      readonly kind: 'value';
      readonly from: number;
      readonly word: string;
      readonly metric: string;
      readonly label: string;
    };

const WORD = /[a-zA-Z_:][\w:.]*$/;
const CLAUSE = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)$/i;

/** Undefined where nothing is to be completed: within a range, a number, a text that is no label's value. */
export function completionAt(text: string, cursor: number): Completion | undefined {
  const before = text.slice(0, cursor);
  const word = WORD.exec(before)?.[0] ?? '';
  const from = cursor - word.length;
  const braces = openBrace(before);
  if (braces !== undefined) return withinBraces(before, braces);
  if (/(?:"[^"]*|'[^']*|\[[^\]]*)$/.test(withoutTexts(before))) return undefined;
  if (CLAUSE.test(before)) {
    return { kind: 'label', from, word, metric: metricIn(text) };
  }
  return word === '' ? undefined : { kind: 'name', from, word };
}

/** Where the brace is that the end of the text is within. */
function openBrace(text: string): number | undefined {
  const plain = withoutTexts(text);
  const at = plain.lastIndexOf('{');
  return at > plain.lastIndexOf('}') ? at : undefined;
}

/** The text with what stands in quotes blanked out, so that places stay. */
const withoutTexts = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, (quoted) => ' '.repeat(quoted.length));

function withinBraces(before: string, braces: number): Completion | undefined {
  const metric = /[a-zA-Z_:][\w:]*$/.exec(before.slice(0, braces))?.[0] ?? '';
  const inside = before.slice(braces + 1);
  const value = /([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)$/.exec(inside);
  if (value !== null) {
    const word = value[2]!;
    return { kind: 'value', from: before.length - word.length, word, metric, label: value[1]! };
  }
  const label = /(?:^|,)\s*([a-zA-Z_]\w*)?$/.exec(withoutTexts(inside));
  if (label === null) return undefined;
  const word = label[1] ?? '';
  return { kind: 'label', from: before.length - word.length, word, metric };
}

/** The first name that is followed by neither a parenthesis nor a clause: most likely the metric. */
function metricIn(text: string): string {
  const plain = withoutTexts(text);
  for (const match of plain.matchAll(/[a-zA-Z_:][\w:]*/g)) {
    const behind = plain.slice(match.index + match[0].length);
    if (/^\s*[{[]/.test(behind)) return match[0];
  }
  return '';
}

/** Those that contain the word, those that begin with it first. */
export function rankOffers(
  offers: readonly string[],
  word: string,
  most: number,
): readonly string[] {
  const wanted = word.toLowerCase();
  const starts: string[] = [];
  const contain: string[] = [];
  for (const offer of offers) {
    const at = offer.toLowerCase().indexOf(wanted);
    if (at === 0) starts.push(offer);
    else if (at > 0) contain.push(offer);
  }
  return [...starts, ...contain].slice(0, most);
}

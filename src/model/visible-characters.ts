/**
 * Text from telemetry is hostile until shown otherwise. These characters reorder, hide or forge what a person
 * reads, so each is shown as an escape: terminal and other control characters (but not line breaks and tabs),
 * bidirectional controls, invisible separators and fillers, tags, and halves of surrogate pairs. The joiners and
 * variation selectors that scripts and emoji need stay.
 */
const HIDDEN =
  // eslint-disable-next-line no-misleading-character-class -- each is meant by itself, not in a sequence
  /(?![\n\t\u180b-\u180d\u200c\u200d\ufe00-\ufe0f])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;

export interface TextSegment {
  readonly text: string;
  /** True for the escape of one hidden character. */
  readonly escaped: boolean;
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u{${code.toString(16).toUpperCase()}}`;
}

/** Splits text into runs that are safe to show and escapes of characters that are not. */
export function splitVisible(text: string): TextSegment[] {
  const segments: TextSegment[] = [];
  let end = 0;
  for (const match of text.matchAll(HIDDEN)) {
    // A Windows line break is a line break, not a forgery.
    if (match[0] === '\r' && text[match.index + 1] === '\n') continue;
    if (match.index > end) segments.push({ text: text.slice(end, match.index), escaped: false });
    segments.push({ text: escapeOf(match[0]), escaped: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) segments.push({ text: text.slice(end), escaped: false });
  return segments;
}

/** The text with an escape in the place of each character that would hide, reorder or forge something. */
export function showHidden(text: string): string {
  return splitVisible(text)
    .map((segment) => segment.text)
    .join('');
}

/**
 * Text from telemetry is hostile until shown otherwise. These characters reorder, hide or forge what a person
 * reads, so each is shown as an escape: terminal and other control characters (but not line breaks and tabs),
 * bidirectional controls, invisible separators and fillers, tags, and halves of surrogate pairs. The joiners and
 * variation selectors that scripts and emoji need stay.
 */
const HIDDEN =
  // eslint-disable-next-line no-misleading-character-class -- each is meant by itself, not in a sequence
  /[[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]--[\n\t\u180b-\u180d\u200c\u200d\ufe00-\ufe0f]]/gv;

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

/** The same as one string, for titles, labels and the clipboard's announcements. */
export function visibleText(text: string, charactersMax = 300): string {
  const { shown, hiddenCount } = clip(text, charactersMax);
  const line = splitVisible(shown)
    .map((segment) => segment.text)
    .join('');
  return hiddenCount > 0 ? `${line}…` : line;
}

/** At most `charactersMax` UTF-16 units of the text, never half of a surrogate pair, and how many were left out. */
export function clip(
  text: string,
  charactersMax: number,
): { readonly shown: string; readonly hiddenCount: number } {
  if (text.length <= charactersMax) return { shown: text, hiddenCount: 0 };
  const last = text.charCodeAt(charactersMax - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? charactersMax - 1 : charactersMax;
  return { shown: text.slice(0, end), hiddenCount: text.length - end };
}

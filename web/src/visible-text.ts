import { showHidden } from '../../src/model/visible-characters.ts';

/** Text that is safe to show as one string, for titles, labels and the clipboard's announcements. */
export function visibleText(text: string, charactersMax = 300): string {
  const { shown, hiddenCount } = clip(text, charactersMax);
  const line = showHidden(shown);
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

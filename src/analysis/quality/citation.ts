import { fieldOf, isFilled, jsonOf, objectsIn } from './output-json.ts';

const FIELDS = [
  'sources',
  'source',
  'citations',
  'citation',
  'references',
  'reference',
  'sourcedocuments',
  'evidence',
  'documents',
  'urls',
];

const PATTERNS: readonly RegExp[] = [
  /\bhttps?:\/\/[^\s)\]}"'<>]{4,}/i,
  /\[\^?\d{1,3}(?:\s{0,2}[,–-]\s{0,2}\d{1,3}){0,5}\]/,
  /【[^】\n]{1,80}】/,
  /\((?:see )?[A-ZÄÖÜ][\p{L}'’-]{1,30}(?: (?:et al\.|and|&|und) ?[\p{L}'’-]{0,30})?,? (?:1[89]|20)\d{2}[a-z]?\)/u,
  /(?:^|\n)[ \t>*#-]{0,6}(?:sources?|citations?|references?|quellen?|fuentes?|fonti|bronnen|sources? citées?)\*{0,2}[ \t]{0,2}:[ \t*]{0,4}\S/i,
  /\b(?:according to|see|as stated in|cited from|siehe|laut|selon|según) (?:section|clause|article|page|chapter|§|document|abschnitt|seite|artikel)\s?[\dA-Z]/i,
  /\bdoi:\s?10\.\d{4,9}\//i,
  /<(?:cite|source|citation)\b[^>]{0,200}>/i,
];

/** What a text cites as its source: the first citation, or undefined. */
export function findCitation(text: string): string | undefined {
  const json = jsonOf(text);
  if (typeof json === 'object' && json !== null) {
    for (const object of objectsIn(json)) {
      const field = fieldOf(object, FIELDS);
      if (field !== undefined && isFilled(field.value)) return field.key;
    }
  }
  for (const pattern of PATTERNS) {
    const match = pattern.exec(text);
    if (match !== null) return match[0].trim();
  }
  return undefined;
}

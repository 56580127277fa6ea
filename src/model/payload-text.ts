import { PAYLOAD_MARK } from './payload-columns.ts';

/** A payload reference: the mark and the hash in hex. */
const MARK = String.fromCharCode(PAYLOAD_MARK);
const REFERENCE = new RegExp(`${MARK}([0-9a-f]{32})`, 'g');

/** The hashes that a stored text refers to, in order. */
export function payloadHashesOf(text: string): string[] {
  if (!text.includes(MARK)) return [];
  return [...text.matchAll(REFERENCE)].map((match) => match[1]!);
}

/** The text with every reference replaced by what it refers to; one whose payload is gone becomes a note. */
export function joinPayloads(text: string, lookup: (hash: string) => string | undefined): string {
  return text.replace(
    REFERENCE,
    (_, hash: string) => lookup(hash) ?? `[payload ${hash} has expired]`,
  );
}

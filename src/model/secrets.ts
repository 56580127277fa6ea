import { SECRET_RULES } from './secret-rules.ts';

/** A part of a text, by UTF-16 positions: `[start, end)`. */
export interface FoundText {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

const PEM_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const PEM_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
/** How much of what stands before a match a rule may look at. */
const BEFORE_MAX = 48;
/** No secret is shorter, so that a short text needs no look. */
const LENGTH_MIN = 8;
const DEPTH_MAX = 64;

/**
 * The secrets in a text, in order and apart from each other. By shape alone: what looks like a password of a
 * dictionary word passes, and a checksum without its name may not. Takes time linear in the text.
 */
export function findSecrets(text: string): FoundText[] {
  if (text.length < LENGTH_MIN) return [];
  const found = findPrivateKeys(text);
  for (const { type, pattern, value, accept } of SECRET_RULES) {
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const [whole, group] = match;
      const secret = value === true ? group! : whole;
      // The secret is the last part of what matched, but for a sign or two that end it.
      const start = match.index + (value === true ? whole.lastIndexOf(secret) : 0);
      const before = text.slice(Math.max(0, start - BEFORE_MAX), start);
      if (accept === undefined || accept(secret, before)) {
        found.push({ type, start, end: start + secret.length });
      }
    }
  }
  return withoutOverlaps(found);
}

/** A key without its end reaches to the end of the text. */
function findPrivateKeys(text: string): FoundText[] {
  const found: FoundText[] = [];
  PEM_BEGIN.lastIndex = 0;
  for (let begin = PEM_BEGIN.exec(text); begin !== null; begin = PEM_BEGIN.exec(text)) {
    PEM_END.lastIndex = PEM_BEGIN.lastIndex;
    const last = PEM_END.exec(text);
    const end = last === null ? text.length : PEM_END.lastIndex;
    found.push({ type: 'private_key', start: begin.index, end });
    PEM_BEGIN.lastIndex = end;
  }
  return found;
}

/** In order; of two that overlap the one that was found first stays, since the rules go from particular to general. */
export function withoutOverlaps(found: readonly FoundText[]): FoundText[] {
  const ranked = found.map((each, rank) => ({ each, rank }));
  ranked.sort((one, other) => one.each.start - other.each.start || one.rank - other.rank);
  const kept: { each: FoundText; rank: number }[] = [];
  for (const next of ranked) {
    const last = kept.at(-1);
    if (last === undefined || next.each.start >= last.each.end) kept.push(next);
    else if (next.rank < last.rank) kept[kept.length - 1] = spanning(next, last);
    else kept[kept.length - 1] = spanning(last, next);
  }
  return kept.map(({ each }) => each);
}

/** Both parts go, under the name of the first: half of a secret is still a part of it. */
function spanning(
  name: { each: FoundText; rank: number },
  other: { each: FoundText; rank: number },
): { each: FoundText; rank: number } {
  const start = Math.min(name.each.start, other.each.start);
  const end = Math.max(name.each.end, other.each.end);
  return { each: { type: name.each.type, start, end }, rank: name.rank };
}

/** Replaces what was found by `[REDACTED:<type>]`. */
export function redactFound(text: string, found: readonly FoundText[]): string {
  if (found.length === 0) return text;
  let out = '';
  let at = 0;
  for (const { type, start, end } of found) {
    out += `${text.slice(at, start)}[REDACTED:${type}]`;
    at = end;
  }
  return out + text.slice(at);
}

/** A text with each secret replaced by `[REDACTED:<type>]`. Redacting twice changes nothing more. */
export function redactText(text: string): string {
  return redactFound(text, findSecrets(text));
}

const SECRET_NAME =
  /(?:^|_)(?:password|passwd|pwd|passphrase|secret|secrets|api_?key|access_?key|secret_?key|private_?key|signing_?key|encryption_?key|token|credential|credentials|authorization|proxy_authorization|cookie|set_cookie|connection_?string|dsn|pin|otp)$/;
/** Tokens that open nothing. */
const HARMLESS_NAME =
  /(?:page|next|continuation|cancel|cancellation|sync|resume|stop|pad|eos|bos)_token$/;

/** Whether a field of this name holds a secret, whatever it looks like: `apiKey`, `client_secret`, `X-Auth-Token`. */
export function isSecretName(name: string): boolean {
  if (name.length > 256) return false;
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[-.\s]/g, '_')
    .toLowerCase();
  return SECRET_NAME.test(words) && !HARMLESS_NAME.test(words);
}

/**
 * A copy of a JSON value without secrets: in every text, and whatever text or number stands under a name that says
 * secret. What lies deeper than 64 levels is replaced as a whole.
 */
export function redactJson(value: unknown): unknown {
  return redactValue(value, false, 0);
}

function redactValue(value: unknown, secret: boolean, depth: number): unknown {
  if (typeof value === 'string') {
    if (!secret) return redactText(value);
    return value === '' || /^\[REDACTED:\w+\]$/.test(value) ? value : '[REDACTED:secret]';
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    return secret ? '[REDACTED:secret]' : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) return '[REDACTED:depth]';
  if (Array.isArray(value)) return value.map((item) => redactValue(item, secret, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      // Names can hold secrets too: a map from key to owner.
      redactText(name),
      redactValue(item, secret || isSecretName(name), depth + 1),
    ]),
  );
}

/** More than a secret can need to be known by its shape. */
const CUT_MARGIN = 8_192;

/**
 * The beginning of a text without secrets, in time that does not grow with the text. Of a secret that reaches beyond
 * what is looked at, nothing is left either.
 */
export function redactBeginning(text: string, charactersMax: number): string {
  if (text.length <= charactersMax + CUT_MARGIN) return redactText(text).slice(0, charactersMax);
  // A sign of the end of random text, which its shape asks for and which may have been cut off.
  const looked = `${text.slice(0, charactersMax + CUT_MARGIN)}=`;
  return redactText(looked).slice(0, charactersMax);
}

/** The value as `redactJson` gives it, until so many characters are in it; the rest is left out. */
export function redactJsonBeginning(
  value: unknown,
  charactersMax: number,
): { readonly value: unknown; readonly complete: boolean } {
  let left = charactersMax;
  let complete = true;
  const take = (text: string): string => {
    const shown = redactBeginning(text, Math.max(0, left));
    if (text.length > left) complete = false;
    left -= text.length;
    return shown;
  };
  const walk = (inner: unknown, secret: boolean, depth: number): unknown => {
    if (typeof inner === 'string' && !secret) return take(inner);
    if (typeof inner !== 'object' || inner === null || depth >= DEPTH_MAX) {
      left -= SCALAR_CHARACTERS;
      return redactValue(inner, secret, depth);
    }
    const parts: (readonly [string, unknown])[] = [];
    for (const [name, item] of Object.entries(inner)) {
      if (left <= 0) {
        complete = false;
        break;
      }
      left -= SCALAR_CHARACTERS;
      const named = secret || (!Array.isArray(inner) && isSecretName(name));
      parts.push([Array.isArray(inner) ? name : take(name), walk(item, named, depth + 1)]);
    }
    return Array.isArray(inner) ? parts.map(([, item]) => item) : Object.fromEntries(parts);
  };
  return { value: walk(value, false, 0), complete };
}

/** What a number, a word or the signs around a field take. */
const SCALAR_CHARACTERS = 4;

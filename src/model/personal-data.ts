import { redactFound, withoutOverlaps } from './secrets.ts';
import type { FoundText } from './secrets.ts';

/** What is found: by checksum wherever there is one, else by a shape that little else has. */
export const PERSONAL_DATA_TYPES = [
  'email',
  'phone',
  'iban',
  'payment_card',
  'national_id',
] as const;
export type PersonalDataType = (typeof PERSONAL_DATA_TYPES)[number];

export interface FoundPersonalData extends FoundText {
  readonly type: PersonalDataType;
}

interface PersonalDataRule {
  readonly type: PersonalDataType;
  readonly pattern: RegExp;
  readonly accept?: (value: string, after: string) => boolean;
}

const digitsOf = (value: string): string => value.replaceAll(/\D/g, '');

/** ISO 13616: letters count 10 to 35, the first four characters go last, and the whole is 1 modulo 97. */
function isIban(value: string): boolean {
  const iban = value.replaceAll(' ', '');
  if (IBAN_LENGTHS[iban.slice(0, 2)] !== iban.length) return false;
  return remainder97(iban.slice(4) + iban.slice(0, 4)) === 1;
}

function remainder97(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97;
  }
  return rest;
}

/** Of the SWIFT registry's countries those with most accounts; another country's number is taken for none. */
const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BR: 29,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  DO: 28,
  EE: 20,
  ES: 24,
  FI: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MT: 31,
  NL: 18,
  NO: 15,
  PK: 24,
  PL: 28,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  SA: 24,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  XK: 20,
};

/** ISO/IEC 7812: a known range of issuers, and the sum of Luhn. */
function isPaymentCard(value: string): boolean {
  const digits = digitsOf(value);
  if (digits.length < 13 || digits.length > 19 || /^(\d)\1+$/.test(digits)) return false;
  if (!/^(?:4|5[0-5]|2[2-7]|3[0-9]|6)/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function isPhone(value: string): boolean {
  const { length } = digitsOf(value);
  return length >= 8 && length <= 15;
}

/** DNI and NIE: the letter is the number modulo 23. */
function isSpanishId(value: string): boolean {
  const digits = value.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)));
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits) % 23] === value.at(-1);
}

const ODD_VALUES = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

/** Codice fiscale: values by odd and even place, modulo 26. */
function isItalianId(value: string): boolean {
  let sum = 0;
  for (let i = 0; i < 15; i += 1) {
    const character = value[i]!;
    const number = /\d/.test(character) ? Number(character) : character.charCodeAt(0) - 65;
    sum += i % 2 === 0 ? ODD_VALUES[number]! : number;
  }
  return String.fromCharCode(65 + (sum % 26)) === value[15];
}

/** NIR: 97 less the number modulo 97; Corsica's letters count as 19 and 18. */
function isFrenchId(value: string): boolean {
  const plain = value.replaceAll(' ', '').replace('2A', '19').replace('2B', '18');
  return 97 - Number(BigInt(plain.slice(0, 13)) % 97n) === Number(plain.slice(13));
}

/** CPF: two digits, each by weights modulo 11. */
function isBrazilianId(value: string): boolean {
  const digits = digitsOf(value);
  if (/^(\d)\1+$/.test(digits)) return false;
  const check = (count: number): number => {
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += Number(digits[i]) * (count + 1 - i);
    return ((sum * 10) % 11) % 10;
  };
  return check(9) === Number(digits[9]) && check(10) === Number(digits[10]);
}

/** AHV: the check digit of EAN-13. */
function isSwissId(value: string): boolean {
  const digits = digitsOf(value);
  let sum = 0;
  for (let i = 0; i < 12; i += 1) sum += Number(digits[i]) * (i % 2 === 0 ? 1 : 3);
  return (10 - (sum % 10)) % 10 === Number(digits[12]);
}

const RULES: readonly PersonalDataRule[] = [
  {
    type: 'email',
    pattern:
      /(?<![\w.%+-])[\w.%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![\w-])/g,
    // An address of a repository, as `git@github.com:owner/name`.
    accept: (value, after) => !(value.startsWith('git@') && after.startsWith(':')),
  },
  {
    type: 'iban',
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g,
    accept: isIban,
  },
  {
    type: 'payment_card',
    pattern: /(?<![\w.-])(?<!\b[A-Z]{2}\d{2} )\d(?:[ -]?\d){12,18}(?![\w-])(?!\.\d)/g,
    accept: isPaymentCard,
  },
  // Social security number of the United States, which has no checksum.
  {
    type: 'national_id',
    pattern: /(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g,
  },
  { type: 'national_id', pattern: /\b(?:\d{8}|[XYZ]\d{7})[A-HJ-NP-TV-Z]\b/g, accept: isSpanishId },
  {
    type: 'national_id',
    pattern: /\b[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]\b/g,
    accept: isItalianId,
  },
  {
    type: 'national_id',
    pattern:
      /(?<![\w.-])[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?![\w.-])/g,
    accept: isFrenchId,
  },
  {
    type: 'national_id',
    pattern: /(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d{2}(?![\w.-])/g,
    accept: isBrazilianId,
  },
  {
    type: 'national_id',
    pattern: /(?<![\w.-])756\.\d{4}\.\d{4}\.\d{2}(?![\w.-])/g,
    accept: isSwissId,
  },
  {
    type: 'phone',
    pattern:
      /(?<![\w+.-])\+[1-9]\d{0,2}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,5}(?:[ .-]?\d{2,5}){1,5}(?![\w-])/g,
    accept: isPhone,
  },
  {
    type: 'phone',
    pattern: /(?<![\w.-])(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-.])\d{3}[-.]\d{4}(?![\w.-]?\d)/g,
  },
];

const AFTER_MAX = 4;

/** E-mail addresses, phone numbers, bank accounts, payment cards and national identity numbers in a text, in order. */
export function findPersonalData(text: string): FoundPersonalData[] {
  const found: FoundPersonalData[] = [];
  for (const { type, pattern, accept } of RULES) {
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const end = match.index + match[0].length;
      if (accept === undefined || accept(match[0], text.slice(end, end + AFTER_MAX))) {
        found.push({ type, start: match.index, end });
      }
    }
  }
  return withoutOverlaps(found) as FoundPersonalData[];
}

/** A text with personal data replaced by `[REDACTED:<type>]`. */
export function redactPersonalData(text: string): string {
  return redactFound(text, findPersonalData(text));
}

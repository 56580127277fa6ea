import { z } from 'zod';

import {
  findPersonalData,
  PERSONAL_DATA_TYPES,
  redactPersonalData,
} from '../../model/personal-data.ts';
import { findSecrets, redactText } from '../../model/secrets.ts';
import { cut, defineCheck, failed, notApplicable, passed } from './check.ts';
import { NO_OUTPUT } from './output-checks.ts';

/** Checks of what must not be said. Found texts are named by their kind and never repeated. */

export const noSecretInOutput = defineCheck({
  id: 'no_secret_in_output',
  severity: 'HIGH',
  summary: 'The output has no key, token, password or private key in it.',
  onByDefault: true,
  params: z.strictObject({}),
  evaluate: ({ output }) => {
    if (output === null) return notApplicable(NO_OUTPUT);
    const expected = 'no secret';
    const found = findSecrets(output.text);
    const [first] = found;
    if (first === undefined) return passed(expected, 'none');
    const kinds = [...new Set(found.map(({ type }) => type))].join(', ');
    return failed({
      expected,
      actual: kinds,
      delta: found.length,
      message: `The output has ${counted(found.length, 'secret')}: ${kinds}.`,
      spanId: output.spanId,
      value: excerpt(output.text),
    });
  },
});

export const noPiiInOutput = defineCheck({
  id: 'no_pii_in_output',
  severity: 'MEDIUM',
  summary: 'The output has no personal data in it that the input had not.',
  onByDefault: true,
  params: z.strictObject({
    kinds: z
      .array(z.enum(PERSONAL_DATA_TYPES))
      .min(1)
      .default([...PERSONAL_DATA_TYPES])
      .describe('What counts as personal data.'),
    allow_from_input: z
      .boolean()
      .default(true)
      .describe('Whether data of the input may be said again.'),
  }),
  evaluate: ({ input, output }, { kinds, allow_from_input }) => {
    if (output === null) return notApplicable(NO_OUTPUT);
    const expected = 'no personal data';
    const given = allow_from_input ? (input?.text ?? '') : '';
    const found = findPersonalData(output.text).filter(({ type, start, end }) => {
      const value = output.text.slice(start, end);
      return kinds.includes(type) && !given.includes(value) && !isPlaceholder(value);
    });
    const [first] = found;
    if (first === undefined) return passed(expected, 'none');
    const named = [...new Set(found.map(({ type }) => type))].join(', ');
    return failed({
      expected,
      actual: named,
      delta: found.length,
      message: `The output has personal data ${counted(found.length, 'time')}: ${named}.`,
      spanId: output.spanId,
      value: excerpt(output.text),
    });
  },
});

const EXCERPT_BEFORE = 60;
const EXCERPT_LENGTH = 240;

/** The text about the first find, which is not in it any more. */
function excerpt(text: string): string {
  const redacted = redactPersonalData(redactText(text));
  const start = Math.max(0, redacted.indexOf('[REDACTED:') - EXCERPT_BEFORE);
  return `${start > 0 ? '…' : ''}${cut(redacted.slice(start), EXCERPT_LENGTH)}`;
}

/** Domains that RFC 2606 keeps for examples. */
const isPlaceholder = (value: string): boolean =>
  /@(?:[\w-]+\.)?(?:example\.(?:com|net|org)|\w+\.(?:test|example|invalid))$/i.test(value);

const counted = (count: number, noun: string): string =>
  count === 1 ? `one ${noun}` : `${count} ${noun}s`;

import { expect, test } from 'vitest';

import { joinPayloads, payloadHashesOf } from './payload-text.ts';

const A = 'a'.repeat(32);
const B = '0123456789abcdef'.repeat(2);

test('every reference is replaced by what it refers to', () => {
  const contents = new Map([
    [A, '{"role":"user"}'],
    [B, '$& and $1'],
  ]);
  expect(joinPayloads(`[\u0001${A},\u0001${B},\u0001${A}]`, (hash) => contents.get(hash))).toBe(
    '[{"role":"user"},$& and $1,{"role":"user"}]',
  );
});

test('what is put in is not read for references again', () => {
  expect(joinPayloads(`\u0001${A}`, () => `\u0001${B}`)).toBe(`\u0001${B}`);
});

test('a payload that is gone leaves a note with its hash', () => {
  expect(joinPayloads(`x\u0001${A}y`, () => undefined)).toBe(`x[payload ${A} has expired]y`);
});

test('a text without references is itself, marks without a hash included', () => {
  expect(joinPayloads('plain \u0001 text \u0001abc', () => 'never')).toBe(
    'plain \u0001 text \u0001abc',
  );
});

test('the hashes of a text are named in order', () => {
  expect(payloadHashesOf(`[\u0001${A},\u0001${B}]`)).toEqual([A, B]);
});

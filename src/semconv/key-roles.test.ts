import { describe, expect, test } from 'vitest';

import type { Dialect, Field } from './dialect.ts';
import { FIELDS } from './dialect.ts';
import { compileKeyRoles } from './key-roles.ts';

const first: Dialect = {
  id: 'first',
  fingerprints: ['first.*', 'shared'],
  attributes: {
    model: 'requestModel',
    'late.model': { field: 'requestModel', believed: 'last' },
    tokens: 'inputTokens',
  },
  cachedInput: 'excluded',
};
const second: Dialect = {
  id: 'second',
  fingerprints: ['shared', 'first.but.second.*'],
  attributes: {
    model: 'requestModel',
    'second.model': 'requestModel',
    'sure.model': { field: 'requestModel', own: true, believed: 'first' },
    tokens: { field: 'outputTokens', own: true, cachedInput: 'included' },
    name: [
      { field: 'toolName', whenKind: ['tool'] },
      { field: 'agentName', whenKind: ['agent'] },
    ],
    usage: { json: { 'a.b': 'inputTokens', 'list.*.c': 'outputTokens' } },
  },
};
const { meaningOf, byRank } = compileKeyRoles([first, second]);
const field = (name: Field): number => FIELDS.indexOf(name);

describe('the meaning of a key', () => {
  test('is found only for keys that some dialect knows', () => {
    expect(['nothing', '', '__proto__', 'constructor'].map(meaningOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('is one field where nothing depends on the span', () => {
    expect(meaningOf('model')).toEqual({
      field: field('requestModel'),
      rank: expect.any(Number),
      others: [],
      telling: -1,
    });
  });

  test('keeps apart what counts on some spans only', () => {
    const { others, ...main } = meaningOf('tokens')!;
    expect(main).toEqual({ field: field('inputTokens'), rank: expect.any(Number), telling: -1 });
    expect(others).toEqual([
      expect.objectContaining({ field: field('outputTokens'), own: true, dialect: 1 }),
    ]);
  });

  test('can be several things, by the kind of the span', () => {
    const meaning = meaningOf('name')!;
    expect(meaning.field).toBe(-1);
    expect(meaning.others.map((role) => [role.field, [...role.whenKind!]])).toEqual([
      [field('toolName'), ['tool']],
      [field('agentName'), ['agent']],
    ]);
  });

  test('can be places inside JSON text', () => {
    expect(meaningOf('usage')!.others.map(({ json }) => json)).toEqual([
      [
        { steps: ['a', 'b'], field: field('inputTokens') },
        { steps: ['list', '*', 'c'], field: field('outputTokens') },
      ],
    ]);
  });
});

describe('among keys for one field', () => {
  test('the earlier dialect is believed, but for keys that are to be believed first or last', () => {
    const ranks = ['sure.model', 'model', 'second.model', 'late.model'].map((key) => {
      const meaning = meaningOf(key)!;
      return meaning.field === -1 ? meaning.others[0]!.rank : meaning.rank;
    });
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect(new Set(ranks).size).toBe(4);
  });

  test('a rank leads back to the rules by which its key counts', () => {
    const rules = (key: string): unknown[] => {
      const { rank, others } = meaningOf(key)!;
      return [rank, ...others.map((other) => other.rank)].map((at) => byRank[at]!.cachedInput);
    };
    expect(rules('tokens')).toEqual(['excluded', 'included']);
  });
});

describe('a fingerprint', () => {
  test('tells the last dialect that has it, by the whole key or its beginning', () => {
    const told = ['first.x', 'shared', 'first.but.second.x', 'model'].map(
      (key) => meaningOf(key)!.telling,
    );
    expect(told).toEqual([0, 1, 1, -1]);
  });
});

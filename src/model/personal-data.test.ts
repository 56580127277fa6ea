import { describe, expect, test } from 'vitest';

import { findPersonalData, redactPersonalData } from './personal-data.ts';

describe('personal data', () => {
  test.each([
    ['email', 'ada.lovelace+news@mail.example.co.uk'],
    ['phone', '+49 30 901820'],
    ['phone', '+1 (415) 555-0132'],
    ['phone', '415-555-0132'],
    ['phone', '(415) 555-0132'],
    ['iban', 'DE89 3704 0044 0532 0130 00'],
    ['iban', 'GB82WEST12345698765432'],
    ['payment_card', '4111 1111 1111 1111'],
    ['payment_card', '378282246310005'],
    ['national_id', '078-05-1120'],
    ['national_id', '12345678Z'],
    ['national_id', 'RSSMRA85T10A562S'],
    ['national_id', '1 85 05 78 006 084 91'],
    ['national_id', '529.982.247-25'],
    ['national_id', '756.9217.0769.85'],
  ])('%s: %s', (type, value) => {
    expect(findPersonalData(`to ${value}, please`)).toEqual([
      { type, start: 3, end: 3 + value.length },
    ]);
    expect(redactPersonalData(`to ${value}, please`)).toBe(`to [REDACTED:${type}], please`);
  });

  test.each([
    'DE89 3704 0044 0532 0130 01',
    '4111 1111 1111 1112',
    '1763712000000000000',
    '1763712000123',
    '12345678A',
    '529.982.247-26',
    '756.9217.0769.86',
    '000-12-3456',
    'version 1.2.3-45',
    '2026-11-20T12:00:00Z',
    'git@github.com:owner/name.git',
    '192.168.100.200',
    'lines 100-200 of 300',
    '@signalbox/sdk@1.2.3',
    '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  ])('%s is none', (text) => {
    expect(findPersonalData(text)).toEqual([]);
  });

  test('a text is read in time linear in its length', () => {
    for (const piece of ['a@', '1 ', '+1', 'DE12', 'a.', '12-']) {
      const began = performance.now();
      findPersonalData(piece.repeat(500_000));
      expect(performance.now() - began).toBeLessThan(3000);
    }
  });
});

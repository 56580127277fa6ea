import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatCompact,
  formatCount,
  formatDollars,
  formatDuration,
  formatPlural,
  formatShare,
  formatShortId,
  formatStep,
  formatTime,
  formatUtc,
  parseTimeMs,
} from './format.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('formatDuration', () => {
  it.each([
    [undefined, '—'],
    [null, '—'],
    [Number.NaN, '—'],
    [-1, '—'],
    [0, '0 s'],
    [640, '640 ns'],
    [999.6, '1.00 µs'],
    [12_340, '12.3 µs'],
    [999_499, '999 µs'],
    [999_500, '1.00 ms'],
    [412_000_000, '412 ms'],
    [999_500_000, '1.00 s'],
    [9_630_000_000, '9.63 s'],
    [31_000_000_000, '31.0 s'],
    [59_949_000_000, '59.9 s'],
    [59_950_000_000, '1 min 00 s'],
    [72_000_000_000, '1 min 12 s'],
    [3_599_600_000_000, '1 h 00 min'],
    [7_500_000_000_000, '2 h 05 min'],
    [400_000_000_000_000, '4 d 15 h'],
  ])('writes %s ns as %s', (ns, expected) => {
    expect(plain(formatDuration(ns))).toBe(expected);
  });
});

describe('counts', () => {
  it('writes unknown as a dash, never as 0', () => {
    expect([formatCount(null), formatCount(undefined), formatCompact(null)]).toEqual([
      '—',
      '—',
      '—',
    ]);
  });

  it('groups thousands', () => {
    expect(formatCount(12_480)).toBe('12,480');
  });

  it.each([
    [0, '0'],
    [9_999, '9,999'],
    [18_240, '18.2 k'],
    [999_960, '1.0 M'],
    [41_234_567, '41.2 M'],
    [2_500_000_000, '2.5 G'],
  ])('writes %s compactly as %s', (count, expected) => {
    expect(plain(formatCompact(count))).toBe(expected);
  });

  it('knows one from many', () => {
    expect([
      formatPlural(1, 'span'),
      formatPlural(0, 'span'),
      formatPlural(2, 'agent waits', 'agents wait'),
    ]).toEqual(['1 span', '0 spans', '2 agents wait']);
  });

  it('writes sizes', () => {
    expect([999, 1200, 2_097_152].map((bytes) => plain(formatBytes(bytes)))).toEqual([
      '999 B',
      '1.2 kB',
      '2.1 MB',
    ]);
  });
});

describe('times', () => {
  const now = Date.UTC(2026, 10, 20, 14, 2, 51);

  it.each([
    ['2026-11-20T14:02:51Z', now],
    ['1795183371000000000', 1_795_183_371_000],
    [now, now],
    ['', undefined],
    [null, undefined],
    ['yesterday', undefined],
  ])('reads %s', (value, expected) => {
    expect(parseTimeMs(value)).toBe(expected);
  });

  it.each([
    [0, 'now'],
    [12_000, '12 s ago'],
    [4 * 60_000, '4 min ago'],
    [2 * 3_600_000, '2 h ago'],
    [3 * 86_400_000, '3 d ago'],
    [-300_000, 'in 5 min 00 s'],
  ])('says how long ago %s ms were', (age, expected) => {
    expect(plain(formatAgo(now - age, now))).toBe(expected);
  });

  it('leaves out of a time what is the same today', () => {
    expect([
      formatTime(now, now, 'UTC'),
      formatTime(now - 3 * 86_400_000, now, 'UTC'),
      formatTime(Date.UTC(2025, 0, 2, 3, 4, 5), now, 'UTC'),
      formatTime(now, now, 'Asia/Tokyo'),
      formatTime(undefined, now, 'UTC'),
    ]).toEqual(['14:02:51', '17 Nov, 14:02:51', '2 Jan 2025, 03:04:05', '23:02:51', '—']);
  });

  it('writes UTC to the millisecond', () => {
    expect(formatUtc(now + 123)).toBe('2026-11-20 14:02:51.123 UTC');
  });
});

it('shortens ids but not short words', () => {
  expect([formatShortId('7f3a91bc00000000000000000000c91e'), formatShortId('short')]).toEqual([
    '7f3a91…c91e',
    'short',
  ]);
});

it('steps of charts are a whole number of one unit', () => {
  expect([5, 120, 3_600, 172_800].map((seconds) => plain(formatStep(seconds)))).toEqual([
    '5 s',
    '2 min',
    '1 h',
    '2 d',
  ]);
});

it('amounts of money keep the figures that matter at their size', () => {
  expect([184.2, 12_480, 0.04124, 0.00001, 0, -3, null].map(formatDollars)).toEqual([
    '$184.20',
    '$12,480.00',
    '$0.0412',
    '<$0.0001',
    '$0',
    '−$3.00',
    '—',
  ]);
});

it('shares are percentages with one figure after the point, whole where they are all or nothing', () => {
  expect([0.0132, 0, 1, undefined].map((share) => plain(formatShare(share)))).toEqual([
    '1.3 %',
    '0 %',
    '100 %',
    '—',
  ]);
});

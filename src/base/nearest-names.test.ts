import { expect, test } from 'vitest';

import { nearestNames } from './nearest-names.ts';

const NAMES = ['http', 'grpc', 'dataDir', 'logLevel', 'readers', 'segmentBytesMax'];

test.each([
  ['htpp', ['http']],
  ['htt', ['http']],
  ['data_dir', ['dataDir']],
  ['LOGLEVEL', ['logLevel']],
  ['segment-byte-max', ['segmentBytesMax']],
  ['reader', ['readers']],
  ['port', []],
  ['x', []],
  ['', []],
  ['\u{1F600}', []],
])('%j may have meant %j', (mistyped, expected) => {
  expect(nearestNames(mistyped, NAMES)).toEqual(expected);
});

test('the nearest comes first', () => {
  expect(nearestNames('segmentAgeMax', ['segmentAgesMix', 'segmentAgesMax'])).toEqual([
    'segmentAgesMax',
    'segmentAgesMix',
  ]);
});

import { expect, test } from 'vitest';

import { redactedAddress } from './query-secrets.ts';

test.each([
  [
    '/v1beta/models/gemini:generateContent?alt=sse&key=AIza1',
    {
      'url.full': 'https://model.example/v1beta/models/gemini:generateContent?alt=sse&key=REDACTED',
      'url.query': '?alt=sse&key=REDACTED',
    },
  ],
  [
    '/?token=a&token=b',
    { 'url.full': 'https://model.example/?token=REDACTED', 'url.query': '?token=REDACTED' },
  ],
  ['/?q=%E0%A4%A&monkey=1', {}],
  ['/keys', {}],
  ['http://[?key=1', {}],
])('of the address %s secrets are not told', (path, told) => {
  expect(redactedAddress(path, 'https://model.example')).toEqual(told);
});

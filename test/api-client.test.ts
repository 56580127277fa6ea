import { readdirSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { writeApiClient } from './api-client.ts';
import { startApi } from './harness/api.ts';

test('web/src/client/generated/api.ts is what the API says of itself; `npm run generate` writes it anew', async () => {
  const api = await startApi();
  try {
    const key = await api.keyWith('admin');
    const { body } = await api.call('GET', '/api/v1/openapi.json', { key });
    const text = writeApiClient(body);
    await expect(text).toMatchFileSnapshot('../web/src/client/generated/api.ts');
  } finally {
    await api.close();
  }
});

test('no two schemas of the API have one name, or one would be described as the other', () => {
  const names = readdirSync('src/api')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => [
      ...readFileSync(`src/api/${file}`, 'utf8').matchAll(/\bid: '([A-Z][A-Za-z]*)'/g),
    ])
    .map((match) => match[1]!);
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

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

import { expect, test } from 'vitest';

import { runCampaign } from '../../test/fuzz/campaign.ts';

test.each([11, 12, 13])(
  'damaged requests of seed %d are decoded or refused, no more',
  (seed) => {
    const result = runCampaign({ seed, count: 10_000 });
    expect(result.sent).toBe(10_000);
    // Both ways are well trodden, or the campaign shows nothing.
    expect(result.decoded).toBeGreaterThan(1000);
    expect(result.refused).toBeGreaterThan(1000);
    expect(result.accepted).toBeGreaterThan(1000);
    expect(result.rejected).toBeGreaterThan(100);
  },
  60_000,
);

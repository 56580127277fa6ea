import { parseArgs } from 'node:util';

import { runCampaign } from './campaign.ts';

// `npm run fuzz -- [--seed N] [--count N] [--first N]`: the long campaign; its tests run slices of it.
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1000000' },
    first: { type: 'string', default: '0' },
  },
});

const started = performance.now();
const result = runCampaign({
  seed: Number(values.seed),
  count: Number(values.count),
  first: Number(values.first),
  onProgress: (sent) => {
    const seconds = (performance.now() - started) / 1000;
    process.stderr.write(`\r${sent} payloads, ${Math.round(sent / seconds)} a second`);
  },
});
process.stderr.write('\n');
console.log(
  JSON.stringify({ ...result, seconds: Math.round((performance.now() - started) / 1000) }),
);

import { expect, test } from 'vitest';

import { ERRORS } from '../src/errors.ts';

const GRPC_NAMES: Readonly<Record<number, string>> = {
  3: 'INVALID_ARGUMENT',
  5: 'NOT_FOUND',
  7: 'PERMISSION_DENIED',
  8: 'RESOURCE_EXHAUSTED',
  9: 'FAILED_PRECONDITION',
  12: 'UNIMPLEMENTED',
  13: 'INTERNAL',
  14: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
};

function errorReference(): string {
  const rows = Object.entries(ERRORS).map(([code, entry]) => {
    const grpc = GRPC_NAMES[entry.grpc];
    if (grpc === undefined)
      throw new Error(`${code} has a gRPC status without a name: ${entry.grpc}`);
    return `| \`${code}\` | ${entry.sentence} | ${entry.http} | ${grpc} | ${entry.exit} | ${entry.retryable ? 'yes' : 'no'} |`;
  });
  return [
    '# Errors',
    '',
    'Every failure that Signalbox reports has one of these codes. Generated from `src/errors.ts` by `npm run generate`.',
    '',
    'REST answers are `{"success": false, "error": "…", "code": "…"}` with the HTTP status; OTLP answers carry the gRPC',
    'status in a `google.rpc.Status`; the command line ends with the exit code. A retryable request may be sent again,',
    'unchanged, after the time in `Retry-After`.',
    '',
    '| code | meaning | HTTP | gRPC | exit | retryable |',
    '|---|---|--:|---|--:|---|',
    ...rows,
    '',
  ].join('\n');
}

// A file snapshot fails on any difference, in either direction; `npm run generate` writes it anew.
test('docs/errors.md is the error catalogue, no more and no less', async () => {
  await expect(errorReference()).toMatchFileSnapshot('../docs/errors.md');
});

import { homedir } from 'node:os';

import { expect, test } from 'vitest';
import type { z } from 'zod';

import { configSchema, leavesOf } from '../src/config.ts';
import { ERRORS } from '../src/errors.ts';

const GRPC_NAMES: Readonly<Record<number, string>> = {
  3: 'INVALID_ARGUMENT',
  4: 'DEADLINE_EXCEEDED',
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

/** A default as the file would say it; the home folder differs from machine to machine. */
function defaultOf(schema: z.ZodType): string {
  const { data, success } = schema.safeParse(undefined);
  if (!success) return 'none; must be given';
  if (data === undefined) return 'unset';
  return `\`${JSON.stringify(data).replace(homedir(), '~')}\``;
}

function descriptionOf(schema: z.ZodType): string {
  if (!schema.description) throw new Error('a setting does not say what it does; .describe() it');
  return schema.description.replaceAll('|', '\\|');
}

function configurationReference(): string {
  const rows = leavesOf(configSchema, []).map(
    ({ path, schema, variable }) =>
      `| \`${path.join('.')}\` | ${descriptionOf(schema)} | \`${variable}\` | ${defaultOf(schema)} |`,
  );
  return [
    '# Configuration',
    '',
    'Every setting, what it does, its environment variable and its default. Generated from `src/config.ts` by',
    '`npm run generate`.',
    '',
    'Settings come from `signalbox.yaml` in the working directory (or the file given with `--config`), then from the',
    'environment, then from flags; the later wins. An unknown name is refused. Sizes are bytes, times are milliseconds.',
    '',
    '| setting | what it does | variable | default |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

test('docs/configuration.md is the configuration schema, no more and no less', async () => {
  await expect(configurationReference()).toMatchFileSnapshot('../docs/configuration.md');
});

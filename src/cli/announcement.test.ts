import { expect, test } from 'vitest';

import { announcement } from './announcement.ts';

const options = { adminUsername: 'admin', demoRuns: false };
const server = {
  httpUrl: 'http://127.0.0.1:4318',
  grpcAddress: '127.0.0.1:4317',
  keyNeeded: false,
};

test('the first start shows the sign-in link, the secrets and the lines to paste', () => {
  const firstStart = {
    signInUrl: 'http://127.0.0.1:4318/sign-in?token=once',
    ingestKey: 'sbx_a/b',
    adminPassword: 'correct horse',
  };
  expect(announcement({ ...server, firstStart }, options)).toMatchInlineSnapshot(`
    "Signalbox is at http://127.0.0.1:4318 (gRPC 127.0.0.1:4317)

      Sign in        http://127.0.0.1:4318/sign-in?token=once   (works once, within an hour)
      Ingest key     sbx_a/b   (shown once)
      Admin password correct horse   (of admin; shown once)

    Point any OpenTelemetry SDK at it:

    export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
    export OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20sbx_a%2Fb
    export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf

    Nothing to point yet? \`npx signalbox demo\` sends the traffic of a few made-up agents."
  `);
});

test('secrets that the configuration gave are not shown', () => {
  const firstStart = { signInUrl: 'http://127.0.0.1:4318/auth/link?token=once' };
  const text = announcement({ ...server, firstStart }, options);
  expect(text).not.toMatch(/Ingest key|Admin password/);
  expect(text).toContain('Authorization=Bearer%20sbx_YOUR_KEY');
});

test('a later start shows the address alone', () => {
  expect(announcement(server, options)).toBe(
    'Signalbox is at http://127.0.0.1:4318 (gRPC 127.0.0.1:4317)',
  );
});

test('a later start shows the sign-in link that was asked for, and whom it signs in', () => {
  const signIn = { username: 'ada', signInUrl: 'http://127.0.0.1:4318/auth/link?token=again' };
  expect(announcement({ ...server, signIn }, options)).toMatchInlineSnapshot(`
    "Signalbox is at http://127.0.0.1:4318 (gRPC 127.0.0.1:4317)

      Sign in        http://127.0.0.1:4318/auth/link?token=again   (as ada; works once, within an hour)"
  `);
});

test('the command for the demonstration carries the key where one is needed', () => {
  const firstStart = { signInUrl: 'http://127.0.0.1:4318/auth/link?token=x', ingestKey: 'sbx_a' };
  const text = announcement({ ...server, keyNeeded: true, firstStart }, options);
  expect(text).toContain('`npx signalbox demo --key sbx_a` sends');
});

test('the demonstration is offered for this very address, unless it runs already', () => {
  const elsewhere = {
    httpUrl: 'http://127.0.0.1:5000',
    grpcAddress: 'off',
    keyNeeded: false,
    firstStart: { signInUrl: 'http://127.0.0.1:5000/auth/link?token=once', ingestKey: 'sbx_a' },
  };
  expect(announcement(elsewhere, options).split('\n').at(-1)).toBe(
    'Nothing to point yet? `npx signalbox demo --url http://127.0.0.1:5000` sends the traffic of a few made-up agents.',
  );
  expect(
    announcement(elsewhere, { ...options, demoRuns: true })
      .split('\n')
      .at(-1),
  ).toBe('export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf');
});

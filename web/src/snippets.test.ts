import { expect, it } from 'vitest';
import { CONNECT_TARGETS, snippetFor } from './connect/targets.ts';
import { demoCommand, environmentLines } from './snippets.ts';

const ADDRESS = { endpoint: 'http://127.0.0.1:4318', key: 'sbx_a b' };

it('writes the header so that every SDK reads it: percent-encoded', () => {
  expect(environmentLines(ADDRESS).split('\n')).toEqual([
    'export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318',
    'export OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20sbx_a%20b',
    'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
  ]);
});

it('puts the variables into what a coding agent is started with', () => {
  expect(snippetFor('claude-code', ADDRESS).code).toContain(environmentLines(ADDRESS));
});

it('names the address for gRPC where one is wanted, and HTTP where there is none', () => {
  const grpc = snippetFor('gemini-cli', { ...ADDRESS, grpc: 'http://127.0.0.1:4317' }).code;
  expect(grpc).toContain('OTLP_ENDPOINT=http://127.0.0.1:4317');
  expect(grpc).toContain('OTLP_PROTOCOL=grpc');
  expect(snippetFor('gemini-cli', ADDRESS).code).toContain('OTLP_PROTOCOL=http');
});

it('names the address to the demonstration only where it is not the default', () => {
  expect([demoCommand(ADDRESS.endpoint), demoCommand('http://box:80')]).toEqual([
    'npx signalbox demo',
    'npx signalbox demo --url http://box:80',
  ]);
});

it.each(CONNECT_TARGETS)('has something to paste for %s', (target) => {
  const { title, code, environment, note } = snippetFor(target, ADDRESS);
  expect([title, note].map((text) => text.trim().length > 1)).toEqual([true, true]);
  // It reads the variables beside it, or says address and key itself.
  if (environment === false && target !== 'cursor') {
    expect(code).toContain('http://127.0.0.1:431');
    expect(code).toMatch(/(?:Bearer[ %20]*|SECRET_KEY=)sbx_a/);
  }
});

import { expect, it } from 'vitest';
import { demoCommand, environmentLines, snippetFor } from './snippets.ts';
import { CONNECT_TARGETS } from './url-search.ts';

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

it('names the address to the demonstration only where it is not the default', () => {
  expect([demoCommand(ADDRESS.endpoint), demoCommand('http://box:80')]).toEqual([
    'npx signalbox demo',
    'npx signalbox demo --url http://box:80',
  ]);
});

it.each(CONNECT_TARGETS)('has something to paste for %s', (target) => {
  const { title, code } = snippetFor(target, ADDRESS);
  expect(title).not.toBe('');
  expect(code).toMatch(/OTEL_|opentelemetry/);
});

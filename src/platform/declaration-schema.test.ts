import { expect, test } from 'vitest';

import { definePlatform } from './declaration.ts';
import { parseDeclaration } from './declaration-schema.ts';

const parse = (declaration: unknown): unknown => parseDeclaration(declaration, 'p.ts');

test('a declaration is taken as it was written', () => {
  const declaration = definePlatform({
    name: 'travel',
    servicePrefix: 'vystak',
    telemetry: { endpoint: 'http://my-collector:4317', headers: { 'x-api-key': 'k' } },
    transports: { nats: { url: 'nats://127.0.0.1:4222' } },
    models: {
      fast: { provider: 'anthropic', model: 'claude-haiku-4-5', apiKeyVariable: 'ANTHROPIC_KEY' },
    },
    services: { index: { run: ['./index', '--quick'], health: false } },
    agents: {
      coordinator: { run: './coordinator.ts', model: 'fast', calls: ['weather'], port: 4100 },
      weather: { run: './weather.ts', transport: 'nats', needs: ['index'], restart: 'on-failure' },
    },
    channels: { slack: { kind: 'slack', agent: 'coordinator', run: './slack.ts' } },
  });
  expect(parse(declaration)).toEqual(declaration);
});

test('every fault is told at once, each with what would be right', () => {
  const declaration = {
    name: 'travel',
    models: {
      fast: { provider: 'openai', model: 'gpt-5-mini', service: 'stub', baseUrl: 'http://x' },
    },
    services: { one: { run: 'a.js', needs: ['two'] }, two: { run: 'a.js', needs: ['one'] } },
    agents: {
      weather: { run: 'a.js', model: 'fats', calls: ['wether'], health: false },
      signalbox: { run: 'a.js', needs: ['index'] },
    },
    channels: { weather: { kind: 'slack', agent: 'boss', run: 'a.js' } },
  };
  expect(() => parse(declaration)).toThrow(
    expect.objectContaining({
      code: 'PLATFORM_INVALID',
      message: `p.ts is not valid:
  agents.weather.calls: "wether" is not among the agents; did you mean weather?
  agents.weather.model: "fats" is not among the models; did you mean fast?
  agents.weather.health: an agent over HTTP is ready when a path answers 200
  channels.weather.agent: "boss" is not among the agents; there are weather, signalbox
  models.fast.service: "stub" is not among the services; there are one, two
  models.fast: give baseUrl or service, not both
  agents.signalbox.needs: "index" is not among the services; there are one, two
  agents.signalbox: the name is ours; choose another
  channels.weather: the name is taken by agents.weather
  services.one.needs: one needs two needs one, a circle`,
    }),
  );
});

test.each([
  [undefined, 'has no declaration'],
  [{ agents: {} }, 'name: Invalid input'],
  [{ name: 'Travel!', agents: {} }, 'write lower-case letters'],
  [{ name: 'travel', agents: {}, telemtry: {} }, 'telemtry'],
  [{ name: 'travel', agents: {}, telemetry: { endpoint: 'collector' } }, 'write an address'],
  [{ name: 'travel', agents: { a: { run: [] } } }, 'a.run: write a file that Node runs'],
  [{ name: 'travel', agents: { a: { run: 'a.js', env: { 'A-B': '' } } } }, 'environment variable'],
])('%j is refused: %s', (declaration, message) => {
  expect(() => parse(declaration)).toThrow(message);
});

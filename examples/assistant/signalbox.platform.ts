import { definePlatform } from 'signalbox/platform';

/**
 * A travel assistant in Slack: a coordinator asks two specialists, one over HTTP and one through NATS. Slack and the
 * model are stand-ins that run here, so that it works without an account anywhere.
 */
export default definePlatform({
  name: 'assistant',
  telemetry: {},
  models: {
    main: { provider: 'openai', model: 'gpt-5-mini', service: 'model', path: '/v1' },
  },
  services: {
    slack: { run: './stand-ins/slack.ts', env: { FIRST_MENTION: 'yes' } },
    model: { run: './stand-ins/model.ts' },
    facts: { run: './stand-ins/city-facts.ts' },
  },
  gateway: { config: './gateway.yaml', needs: ['facts'] },
  agents: {
    coordinator: { run: './coordinator.ts', model: 'main', calls: ['weather', 'travel'] },
    weather: { run: './weather.ts', model: 'main' },
    travel: { run: './travel.ts', model: 'main', transport: 'nats' },
  },
  channels: {
    'slack-channel': {
      kind: 'slack',
      agent: 'coordinator',
      run: './slack-channel.ts',
      needs: ['slack'],
    },
  },
});

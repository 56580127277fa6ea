import { cityTool } from './city-tool.ts';
import { runAgent } from './run-agent.ts';
import { serveAgent } from './serve-agent.ts';

await serveAgent(({ sessionId, text }) =>
  runAgent({
    name: 'weather',
    instructions:
      'You are a meteorologist. Look up each day that is asked for and say what to pack.',
    question: text,
    conversationId: sessionId,
    tools: {
      forecast: cityTool('forecast', 'The forecast for a city and a day.'),
      air_quality: cityTool('air_quality', 'The air quality of a city on a day.'),
    },
  }),
);

import { cityTool } from './city-tool.ts';
import { runAgent } from './run-agent.ts';
import { serveAgent } from './serve-agent.ts';

await serveAgent(({ sessionId, text }) =>
  runAgent({
    name: 'travel',
    instructions:
      'You book trips. Find flights and hotels for each day that is asked for and add up the price.',
    question: text,
    conversationId: sessionId,
    tools: {
      find_flights: cityTool('find_flights', 'Flights to a city on a day.'),
      find_hotels: cityTool('find_hotels', 'Free hotels in a city on a day.'),
    },
  }),
);

import { askAgent } from './ask-agent.ts';
import { CITIES } from './city-tool.ts';
import { runAgent } from './run-agent.ts';
import type { Tool } from './run-agent.ts';
import { serveAgent } from './serve-agent.ts';

const INSTRUCTIONS = `You plan short trips. Ask the weather specialist and the travel specialist about each city that
the traveller names, compare what they say, and recommend one city in a few sentences. Name what could not be found.`;

/** Hands a question to a specialist, in the same conversation. */
function specialist(name: string, description: string, sessionId: string, days: string): Tool {
  return {
    description,
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', enum: CITIES } },
      required: ['city'],
    },
    run: ({ city = '' }) => askAgent(name, `${city}, ${days}`, sessionId),
  };
}

await serveAgent(({ sessionId, text }) => {
  const days = /\b(?:Fri|Satur|Sun)day\b.*/.exec(text)?.[0] ?? 'Saturday';
  return runAgent({
    name: 'coordinator',
    instructions: INSTRUCTIONS,
    question: text,
    conversationId: sessionId,
    tools: {
      ask_weather: specialist('weather', 'Ask what the weather will be.', sessionId, days),
      ask_travel: specialist('travel', 'Ask for flights and hotels.', sessionId, days),
    },
  });
});

import { required } from './environment.ts';
import type { Tool } from './run-agent.ts';

export const CITIES = ['Lisbon', 'Porto', 'Madrid'];
const DAYS = ['Friday', 'Saturday', 'Sunday'];

/** A tool about a city and a day. It is called through the gateway, which knows where it is and who may call it. */
export function cityTool(name: string, description: string): Tool {
  return {
    description,
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string', enum: CITIES },
        day: { type: 'string', enum: DAYS },
      },
      required: ['city', 'day'],
    },
    async run(input) {
      const response = await fetch(`${required('GATEWAY_URL')}/tool/${name}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer agent:${required('AGENT_NAME')}`,
        },
        body: JSON.stringify({ params: input }),
      });
      const answer = (await response.json()) as { result?: unknown; error?: unknown };
      if (!response.ok) {
        const reason = JSON.stringify(answer.error ?? answer.result ?? response.status);
        throw new Error(`${name} for ${input['city']} on ${input['day']}: ${reason}`);
      }
      return String(answer.result);
    },
  };
}

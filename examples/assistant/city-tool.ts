import { required } from './environment.ts';
import type { Tool } from './run-agent.ts';

export const CITIES = ['Lisbon', 'Porto', 'Madrid'];
export const DAYS = ['Friday', 'Saturday', 'Sunday'];

/** A tool that asks the service of city facts for a city and a day. */
export function cityTool(path: string, description: string): Tool {
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
    async run({ city = '', day = '' }) {
      const query = new URLSearchParams({ city, day });
      const answer = await fetch(`${required('SERVICE_FACTS_URL')}/${path}?${query.toString()}`);
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path} for ${city} on ${day}: ${answer.status} ${text}`);
      return text;
    },
  };
}

/**
 * Made-up facts about cities, the same each time, and a description of them that the gateway makes tools of. Hotels in
 * Porto cannot be asked about on a Saturday.
 */
import { createServer } from 'node:http';

interface Fact {
  readonly tool: string;
  tell(seed: number): string;
}

const FACTS: Readonly<Record<string, Fact>> = {
  '/forecast': {
    tool: 'forecast',
    tell: (seed) => `${14 + (seed % 12)} °C, ${seed % 3 === 0 ? 'showers' : 'sunny'}`,
  },
  '/air-quality': { tool: 'air_quality', tell: (seed) => `index ${20 + (seed % 50)}` },
  '/flights': {
    tool: 'find_flights',
    tell: (seed) => `from ${60 + (seed % 90)} €, ${7 + (seed % 12)}:15`,
  },
  '/hotels': {
    tool: 'find_hotels',
    tell: (seed) => `${3 + (seed % 9)} free, from ${70 + (seed % 80)} €`,
  },
};

function describe(host: string): object {
  const parameters = ['city', 'day'].map((name) => ({
    name,
    in: 'query',
    required: true,
    schema: { type: 'string' },
  }));
  const paths = Object.entries(FACTS).map(([path, { tool }]) => {
    const responses = { 200: { description: 'a fact' } };
    return [path, { get: { operationId: tool, parameters, responses } }];
  });
  return {
    openapi: '3.1.0',
    info: { title: 'City facts', version: '1' },
    servers: [{ url: `http://${host}` }],
    paths: Object.fromEntries(paths) as object,
  };
}

function seedOf(text: string): number {
  let seed = 7;
  for (const letter of text) seed = (seed * 31 + letter.codePointAt(0)!) % 9973;
  return seed;
}

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://facts');
  if (pathname === '/health') {
    response.end('ok');
    return;
  }
  if (pathname === '/openapi.json') {
    response.end(JSON.stringify(describe(request.headers.host ?? '')));
    return;
  }
  const fact = FACTS[pathname];
  const [city, day] = [searchParams.get('city') ?? '', searchParams.get('day') ?? ''];
  if (fact === undefined) response.writeHead(404).end('no such fact');
  else if (pathname === '/hotels' && city === 'Porto' && day === 'Saturday') {
    response.writeHead(503).end('the booking system is closed');
  } else response.end(`${city}, ${day}: ${fact.tell(seedOf(pathname + city + day))}`);
}).listen(Number(process.env['PORT']), process.env['HOST']);

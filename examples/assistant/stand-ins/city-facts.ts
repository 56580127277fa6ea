/** Made-up facts about cities, the same each time. Hotels in Porto cannot be asked about on a Saturday. */
import { createServer } from 'node:http';

const FACTS: Readonly<Record<string, (seed: number) => string>> = {
  '/forecast': (seed) => `${14 + (seed % 12)} °C, ${seed % 3 === 0 ? 'showers' : 'sunny'}`,
  '/air-quality': (seed) => `index ${20 + (seed % 50)}`,
  '/flights': (seed) => `from ${60 + (seed % 90)} €, ${7 + (seed % 12)}:15`,
  '/hotels': (seed) => `${3 + (seed % 9)} free, from ${70 + (seed % 80)} €`,
};

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
  const fact = FACTS[pathname];
  const [city, day] = [searchParams.get('city') ?? '', searchParams.get('day') ?? ''];
  if (fact === undefined) response.writeHead(404).end('no such fact');
  else if (pathname === '/hotels' && city === 'Porto' && day === 'Saturday') {
    response.writeHead(503).end('the booking system is closed');
  } else response.end(`${city}, ${day}: ${fact(seedOf(pathname + city + day))}`);
}).listen(Number(process.env['PORT']), process.env['HOST']);

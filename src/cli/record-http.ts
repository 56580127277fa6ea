import { createServer, request as requestHttp } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';

import { AppError, messageOf } from '../errors.ts';
import { LineSplitter, McpRecorder, parseMessage } from '../session/mcp-recorder.ts';
import { foldersOf, keyOf, nowNs } from './session-place.ts';
import type { Environment, PlaceFlags } from './session-place.ts';

export interface RecordHttpFlags extends PlaceFlags {
  readonly url: string;
  readonly port: number;
  readonly name?: string;
  readonly keepSecrets?: true;
}

/** What belongs to one connection and not to the message. */
const HOP_HEADERS = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
];

/** `signalbox record-http`: stands before an MCP server on this machine's loopback until it is stopped. */
export async function recordHttp(flags: RecordHttpFlags, env: Environment): Promise<void> {
  const target = new URL(flags.url);
  const recorder = new McpRecorder({
    root: foldersOf(flags, env).root,
    agentName: flags.name ?? target.hostname,
    command: target.href,
    cwd: process.cwd(),
    parentSessionId: '',
    key: keyOf(env),
    nowNs,
    keepSecrets: flags.keepSecrets === true,
    onProblem: (message) => console.error(message),
  });
  const server = createServer((incoming, outgoing) => {
    if (isLocal(incoming)) pass({ target, recorder }, incoming, outgoing);
    else outgoing.writeHead(403).end('only clients of this machine may ask');
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', (error) => {
      reject(
        new AppError(
          'ADDRESS_IN_USE',
          `cannot listen on 127.0.0.1:${flags.port}: ${error.message}; choose another with --port`,
        ),
      );
    });
    server.listen(flags.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  console.log(`http://127.0.0.1:${port}`);
  console.error(
    `Recording what passes to ${target.href} as session ${recorder.sessionId}; Ctrl-C stops.`,
  );
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  server.closeAllConnections();
  server.close();
  recorder.end('stopped');
}

/** A web page that got a name to point at this machine asks under that name. */
const isLocal = ({ headers }: IncomingMessage): boolean =>
  /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(headers.host ?? '');

interface Proxy {
  readonly target: URL;
  readonly recorder: McpRecorder;
}

function pass(
  { target, recorder }: Proxy,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  const request = (target.protocol === 'https:' ? requestHttps : requestHttp)(target, {
    method: incoming.method ?? 'POST',
    headers: {
      traceparent: recorder.traceparent,
      ...messageHeaders(incoming),
      'accept-encoding': 'identity',
    },
  });
  // JSON in the body, whole: a message has no line breaks of its own where it matters, so they are taken together.
  const asked = new BodyReader((message) => recorder.fromClient(message));
  incoming.on('data', (chunk: Buffer) => asked.push(chunk));
  incoming.on('end', () => asked.end());
  incoming.pipe(request);
  request.on('response', (response) => {
    outgoing.writeHead(response.statusCode ?? 502, messageHeaders(response));
    // So that a client sees the head of a stream before its first event.
    outgoing.flushHeaders();
    const isStream = (response.headers['content-type'] ?? '').startsWith('text/event-stream');
    const answered = isStream
      ? new EventReader((message) => recorder.fromServer(message))
      : new BodyReader((message) => recorder.fromServer(message));
    response.on('data', (chunk: Buffer) => answered.push(chunk));
    response.on('end', () => answered.end());
    response.on('error', () => outgoing.destroy());
    response.pipe(outgoing);
  });
  request.on('error', (error) => {
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(502).end(`${target.href} cannot be reached: ${messageOf(error)}`);
  });
  outgoing.on('close', () => request.destroy());
}

const messageHeaders = ({ headers }: IncomingMessage): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_HEADERS.includes(name)));

const BODY_BYTES_MAX = 16 * 1024 * 1024;

type Message = NonNullable<ReturnType<typeof parseMessage>>;

/** A JSON body; one beyond the bound passes unrecorded. */
class BodyReader {
  readonly #tell: (message: Message) => void;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(tell: (message: Message) => void) {
    this.#tell = tell;
  }

  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= BODY_BYTES_MAX) this.#chunks.push(chunk);
  }

  end(): void {
    if (this.#bytes > BODY_BYTES_MAX) return;
    const message = parseMessage(Buffer.concat(this.#chunks).toString('utf8'));
    if (message !== undefined && message !== null) this.#tell(message);
  }
}

/** Server-sent events: the `data` lines of one event are one message. */
class EventReader {
  readonly #lines: LineSplitter;
  #data: string[] = [];

  constructor(tell: (message: Message) => void) {
    this.#lines = new LineSplitter((line) => {
      // A new event: what came before was no message.
      if (/^(?:event|id):/.test(line)) this.#data = [];
      if (!line.startsWith('data:')) return;
      this.#data.push(line.slice(5).trimStart());
      const message = parseMessage(this.#data.join('\n'));
      if (message === undefined || message === null) return;
      this.#data = [];
      tell(message);
    }, BODY_BYTES_MAX);
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
  }
}

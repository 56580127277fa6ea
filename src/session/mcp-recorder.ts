import { randomUUID } from 'node:crypto';

import { messageOf } from '../errors.ts';
import { isSecretName, redactText } from '../model/secrets.ts';
import { asObject, asText, objectIn, objectsOf, present, textIn } from './session-event.ts';
import type { NewEvent } from './session-event.ts';
import { eventIdOf, traceparentOf } from './session-id.ts';
import { appendEvents, createSession } from './session-writer.ts';
import type { WriteOptions } from './session-writer.ts';
import type { Json, JsonObject } from '../base/verifier.ts';

export interface McpRecorderOptions extends WriteOptions {
  readonly root: string;
  readonly agentName: string;
  readonly command: string;
  readonly cwd: string;
  readonly parentSessionId: string;
  readonly onProblem: (message: string) => void;
}

/** Requests that wait for their answer; beyond this the oldest is taken for lost. */
const OPEN_MAX = 10_000;

/**
 * Records the messages between an MCP client and a server: calls of tools, what they gave, resources read. It never
 * throws: what cannot be recorded is told, and the messages pass.
 * https://modelcontextprotocol.io/specification
 */
export class McpRecorder {
  readonly sessionId = randomUUID();
  readonly #options: McpRecorderOptions;
  readonly #directory: string;
  readonly #open = new Map<
    string,
    { readonly method: string; readonly params: JsonObject; readonly eventId: string }
  >();
  #calls = 0;
  #ended = false;

  /** Throws when the session cannot be made. */
  constructor(options: McpRecorderOptions) {
    this.#options = options;
    const command = options.keepSecrets === true ? options.command : redactCommand(options.command);
    this.#directory = createSession(options.root, {
      session_id: this.sessionId,
      agent_name: options.agentName,
      started_at_ns: String(options.nowNs()),
      parent_session_id: options.parentSessionId,
      parent_event_id: '',
      provider: 'mcp',
      source: 'record',
      command,
      cwd: options.cwd,
      redacted: options.keepSecrets !== true,
      format: 1,
    });
    this.#append([{ type: 'session_start', data: present({ source: 'mcp', command }) }]);
  }

  /** What joins telemetry of the server to this session. */
  get traceparent(): string {
    return traceparentOf(this.sessionId);
  }

  /** A message, or a batch of them, of the client to the server. */
  fromClient(message: Json): void {
    for (const each of messagesIn(message)) this.#request('client', each);
  }

  fromServer(message: Json): void {
    for (const each of messagesIn(message)) this.#request('server', each);
  }

  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#append([{ type: 'session_end', data: { reason } }]);
  }

  #request(from: 'client' | 'server', message: JsonObject): void {
    const method = textIn(message, 'method');
    const id = message['id'];
    if (method === '') {
      this.#answer(from === 'client' ? 'server' : 'client', message);
      return;
    }
    const params = objectIn(message, 'params');
    this.#calls += 1;
    const eventId = eventIdOf(this.sessionId, `${this.#calls}`);
    if (typeof id === 'string' || typeof id === 'number') {
      this.#open.set(`${from} ${JSON.stringify(id)}`, { method, params, eventId });
      if (this.#open.size > OPEN_MAX) this.#open.delete(this.#open.keys().next().value!);
    }
    if (method === 'tools/call') {
      const data = present({
        tool_name: textIn(params, 'name'),
        arguments: objectIn(params, 'arguments'),
        tool_use_id: asText(id),
      });
      this.#append([{ type: 'tool_call', id: eventId, data }]);
    } else if (method === 'sampling/createMessage') {
      this.#append([
        { type: 'llm_request', id: eventId, data: present({ max_tokens: params['maxTokens'] }) },
      ]);
    }
  }

  /** An answer to a request of `asker`. */
  #answer(asker: 'client' | 'server', message: JsonObject): void {
    const key = `${asker} ${JSON.stringify(message['id'])}`;
    const request = this.#open.get(key);
    if (request === undefined) return;
    this.#open.delete(key);
    const { eventId, method, params } = request;
    const result = objectIn(message, 'result');
    const failure = asObject(message['error']);
    if (method === 'tools/call')
      this.#append([toolEnd({ eventId, tool: textIn(params, 'name') }, result, failure)]);
    else if (method === 'tools/list' && failure === undefined) {
      const tools = objectsOf(result['tools']).map((tool) => textIn(tool, 'name'));
      this.#append([
        { type: 'decision', data: { decision: 'tools_listed', tools_available: tools } },
      ]);
    } else if (method === 'resources/read' && failure === undefined) {
      this.#append([{ type: 'file_read', data: { path: textIn(params, 'uri') } }]);
    } else if (method === 'sampling/createMessage') {
      const data = present({
        model: textIn(result, 'model'),
        stop_reason: textIn(result, 'stopReason'),
      });
      this.#append([{ type: 'llm_response', parentId: eventId, data }]);
    }
  }

  #append(events: readonly NewEvent[]): void {
    try {
      appendEvents(this.#directory, events, this.#options);
    } catch (error) {
      this.#options.onProblem(`not recorded: ${messageOf(error)}`);
    }
  }
}

/** Also what follows a flag that is named for a secret, `--token X`. */
const redactCommand = (command: string): string =>
  redactText(command).replaceAll(/(--?)([\w-]+)([ =])(\S+)/g, (whole, dashes, name, between) =>
    isSecretName(name) ? `${dashes}${name}${between}[REDACTED:secret]` : whole,
  );

const messagesIn = (message: Json): JsonObject[] =>
  Array.isArray(message) ? objectsOf(message) : [asObject(message) ?? {}];

function toolEnd(
  { eventId, tool }: { readonly eventId: string; readonly tool: string },
  result: JsonObject,
  failure: JsonObject | undefined,
): NewEvent {
  const text = objectsOf(result['content'])
    .map((part) => textIn(part, 'text') || `(${textIn(part, 'type')})`)
    .join('\n');
  if (failure !== undefined || result['isError'] === true) {
    const error = failure === undefined ? text : textIn(failure, 'message');
    const data = {
      tool_name: tool,
      error,
      error_type: failure === undefined ? 'tool_error' : `mcp ${asText(failure['code'])}`,
    };
    return { type: 'error', parentId: eventId, data };
  }
  const structured = result['structuredContent'];
  return {
    type: 'tool_result',
    parentId: eventId,
    data: { tool_name: tool, result: text === '' && structured !== undefined ? structured : text },
  };
}

/** Takes a stream of lines apart as it passes, in bounded memory: a line beyond the bound is passed over. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #bytesMax: number;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(onLine: (line: string) => void, bytesMax = 16 * 1024 * 1024) {
    this.#onLine = onLine;
    this.#bytesMax = bytesMax;
  }

  push(chunk: Buffer): void {
    let at = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, at)) {
      this.#add(chunk.subarray(at, end));
      this.end();
      at = end + 1;
    }
    this.#add(chunk.subarray(at));
  }

  /** Gives what there is as a line. */
  end(): void {
    if (this.#bytes > 0 && this.#bytes <= this.#bytesMax) {
      this.#onLine(Buffer.concat(this.#parts).toString('utf8').trimEnd());
    }
    this.#parts = [];
    this.#bytes = 0;
  }

  #add(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes <= this.#bytesMax) this.#parts.push(part);
    else this.#parts = [];
  }
}

/** JSON of a line; undefined for what is none. */
export function parseMessage(line: string): Json | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';

import {
  Client,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type RequestOptions,
  type Tool,
  type Transport,
} from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { z } from 'zod';

import { AppError, messageOf } from '../../errors.ts';
import type { McpServerConfig } from '../gateway-file.ts';
import type { JsonObject, ToolResult } from '../tool-call.ts';
import { formatTraceparent } from '../trace-context.ts';
import { boundStream, tooLarge } from './read-bounded.ts';
import type { ForwardOptions, UpstreamState, UpstreamTool } from './upstream.ts';

const CONNECT_MS = 20_000;
const PING_MS = 5_000;
const RECONNECT_FIRST_MS = 1_000;
const RECONNECT_MAX_MS = 60_000;
/** However much progress it reports. */
const CALL_MS_MAX = 3_600_000;
const STDERR_KEPT = 2_000;
const TOOLS_MAX = 5_000;

const anything = z.looseObject({});

export interface McpConnectionOptions {
  readonly config: McpServerConfig;
  readonly version: string;
  /** Told of the server's tools, now and when they change; without it nobody asks for them. */
  readonly onTools?: ((tools: readonly UpstreamTool[]) => void) | undefined;
}

/** What carries out the calls of one agent, or of all: with `onTools` it comes back by itself when it is lost. */
export function openMcpConnection(options: McpConnectionOptions): McpConnection {
  return new McpConnection(options);
}

/** Tells the call in whose name something is fetched that its answer is too large. */
const answerTooLarge = new AsyncLocalStorage<(error: AppError) => void>();

/** One session with an MCP server, which is begun again when it has ended. */
export class McpConnection {
  readonly #config: McpServerConfig;
  readonly #version: string;
  readonly #onTools: McpConnectionOptions['onTools'];
  #transport: Transport | undefined;
  /** How to give up each call that is under way. */
  readonly #underWay = new Set<AbortController>();
  #client: Client | undefined;
  #connecting: Promise<Client> | undefined;
  /** Set while it is asked whether it still answers. */
  #checking: Promise<void> | undefined;
  #state: UpstreamState = 'connecting';
  #error = '';
  #stderr = '';
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ config, version, onTools }: McpConnectionOptions) {
    this.#config = config;
    this.#version = version;
    this.#onTools = onTools;
    this.#connect().catch(() => undefined);
  }

  get isBusy(): boolean {
    return this.#underWay.size > 0;
  }

  /** Whether the server keeps something for who connects: it has given the session an id. */
  get isStateful(): boolean {
    return this.#transport?.sessionId !== undefined;
  }

  has(what: 'resources' | 'prompts' | 'completions'): boolean {
    return this.#client?.getServerCapabilities()?.[what] !== undefined;
  }

  status(): { readonly state: UpstreamState; readonly error: string } {
    return { state: this.#state, error: this.#error };
  }

  async call(tool: string, params: JsonObject, options: ForwardOptions): Promise<ToolResult> {
    const result = await this.#under(options, (client, sent) =>
      client.callTool({ name: tool, arguments: { ...params }, _meta: metaOf(options) }, sent),
    );
    return { value: result, mcp: result, statusCode: 200, failed: result.isError === true };
  }

  request(method: string, params: JsonObject, options: ForwardOptions): Promise<JsonObject> {
    const meta = { ...(params['_meta'] as JsonObject | undefined), ...metaOf(options) };
    const request = { method, params: { ...params, _meta: meta } };
    return this.#under(options, (client, sent) => client.request(request, anything, sent));
  }

  /** Sends with the bounds of a call: its time, and how much its answer may hold. */
  async #under<T>(
    options: ForwardOptions,
    send: (client: Client, sent: RequestOptions) => Promise<T>,
  ): Promise<T> {
    const giveUp = new AbortController();
    this.#underWay.add(giveUp);
    try {
      const client = await this.#ready();
      try {
        const signal = AbortSignal.any([options.signal, giveUp.signal]);
        return await answerTooLarge.run(
          (error) => giveUp.abort(error),
          () => send(client, this.#optionsOf({ ...options, signal })),
        );
      } catch (error) {
        if (giveUp.signal.aborted) throw this.#failure(giveUp.signal.reason);
        if (!options.signal.aborted) this.#check(client);
        throw this.#failure(error);
      }
    } finally {
      this.#underWay.delete(giveUp);
    }
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    const connecting = this.#connecting;
    await this.#client?.close();
    await connecting?.then((client) => client.close()).catch(() => undefined);
  }

  #optionsOf({
    signal,
    onProgress,
  }: Pick<ForwardOptions, 'signal' | 'onProgress'>): RequestOptions {
    return {
      signal,
      timeout: this.#config.timeout_seconds * 1_000,
      resetTimeoutOnProgress: true,
      maxTotalTimeout: CALL_MS_MAX,
      ...(onProgress === undefined ? {} : { onprogress: onProgress }),
    };
  }

  async #ready(): Promise<Client> {
    // What is sent through a damaged stream may be lost, and its answer too.
    await this.#checking;
    if (this.#state === 'closed') throw this.#failure(new Error('the gateway is stopping'));
    return this.#client ?? (await this.#connect());
  }

  #connect(): Promise<Client> {
    this.#connecting ??= this.#open()
      .catch((error: unknown) => {
        const failure = this.#failure(error);
        this.#lost(failure.message);
        throw failure;
      })
      .finally(() => {
        this.#connecting = undefined;
      });
    return this.#connecting;
  }

  async #open(): Promise<Client> {
    clearTimeout(this.#timer);
    this.#state = 'connecting';
    this.#stderr = '';
    const client = new Client(
      { name: 'signalbox-gateway', version: this.#version },
      {
        versionNegotiation: { mode: this.#config.transport === 'stdio' ? 'legacy' : 'auto' },
        ...(this.#onTools === undefined
          ? {}
          : {
              listChanged: {
                tools: { onChanged: (error, tools) => error === null && this.#take(tools ?? []) },
              },
            }),
      },
    );
    const transport = this.#createTransport();
    this.#transport = transport;
    client.onerror = (error) => this.#giveUpOverfull(client, error);
    client.onclose = () => {
      if (this.#client === client) this.#lost('the connection has ended');
    };
    try {
      await client.connect(transport, { timeout: CONNECT_MS });
      const hasTools =
        this.#onTools !== undefined && client.getServerCapabilities()?.tools !== undefined;
      const { tools } = hasTools
        ? await client.listTools(undefined, { timeout: CONNECT_MS })
        : { tools: [] };
      if (this.#isClosed()) throw new Error('the gateway is stopping');
      this.#client = client;
      this.#state = 'ready';
      this.#error = '';
      this.#failures = 0;
      this.#take(tools);
      return client;
    } catch (error) {
      await client.close().catch(() => undefined);
      throw error;
    }
  }

  /** A server that does not answer a ping either is started or reached anew: its stream may be damaged for good. */
  #check(client: Client): void {
    const timeout = Math.min(PING_MS, this.#config.timeout_seconds * 1_000);
    this.#checking ??= client
      .ping({ timeout })
      .then(
        () => undefined,
        () => client.close(),
      )
      .catch(() => undefined)
      .finally(() => {
        this.#checking = undefined;
      });
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #take(tools: readonly Tool[]): void {
    const taken = tools.slice(0, TOOLS_MAX).map(({ name, description, inputSchema, ...rest }) => ({
      name,
      description: description ?? '',
      inputSchema,
      rest: rest as JsonObject,
    }));
    this.#onTools?.(taken);
  }

  /** A program's output of which a part was thrown away cannot be read any further. */
  #giveUpOverfull(client: Client, error: Error): void {
    if (!error.message.startsWith('ReadBuffer exceeded') || this.#client !== client) return;
    const why = tooLarge(this.#config.result_bytes_max);
    for (const giveUp of this.#underWay) giveUp.abort(why);
    this.#lost(why.message);
    void client.close().catch(() => undefined);
  }

  /** Tries again after a while that grows; a call that comes sooner tries at once. */
  #lost(why: string): void {
    this.#client = undefined;
    if (this.#isClosed()) return;
    this.#state = 'failed';
    this.#error = why;
    if (this.#onTools === undefined) return;
    const delay = Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** this.#failures++);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect().catch(() => undefined), delay).unref();
  }

  #failure(error: unknown): AppError {
    if (error instanceof AppError) {
      const failure = `the MCP server ${this.#config.name} failed: ${error.message}`;
      return error.message.startsWith('the MCP server ')
        ? error
        : new AppError('UPSTREAM_FAILED', failure, { cause: error });
    }
    const said = this.#stderr.trim() === '' ? '' : ` (it said: ${this.#stderr.trim().slice(-300)})`;
    const message = `the MCP server ${this.#config.name} failed: ${messageOf(error)}${said}`;
    return new AppError('UPSTREAM_FAILED', message, { cause: error });
  }

  #createTransport(): Transport {
    const { transport, url, headers } = this.#config;
    if (transport === 'stdio') return this.#createStdioTransport();
    const options = { requestInit: { headers }, fetch: this.#fetch };
    return transport === 'sse'
      ? new SSEClientTransport(new URL(url!), options)
      : new StreamableHTTPClientTransport(new URL(url!), options);
  }

  #createStdioTransport(): Transport {
    const { command, args, env, cwd, result_bytes_max: maxBufferSize } = this.#config;
    const transport = new StdioClientTransport({
      command: command!,
      args,
      env: { ...getDefaultEnvironment(), ...env },
      stderr: 'pipe',
      maxBufferSize,
      ...(cwd === undefined ? {} : { cwd }),
    });
    transport.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-STDERR_KEPT);
    });
    return transport;
  }

  /** Bounds what one answer may hold; the stream of notices, which a GET opens, goes on for as long as it is open. */
  readonly #fetch = async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const answer = await fetch(url, init);
    if (answer.body === null || (init?.method ?? 'GET') === 'GET') return answer;
    const body = boundStream(answer.body, this.#config.result_bytes_max, answerTooLarge.getStore());
    const { status, statusText, headers } = answer;
    return new Response(body, { status, statusText, headers });
  };
}

/** https://github.com/modelcontextprotocol/modelcontextprotocol/pull/414 */
const metaOf = ({ trace }: ForwardOptions) => ({ traceparent: formatTraceparent(trace) });

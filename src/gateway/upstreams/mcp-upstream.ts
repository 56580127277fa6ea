import {
  Client,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Tool,
  type Transport,
} from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { z } from 'zod';

import { AppError, messageOf } from '../../errors.ts';
import type { McpServerConfig } from '../gateway-file.ts';
import type { JsonObject, ToolResult } from '../tool-call.ts';
import { formatTraceparent } from '../trace-context.ts';
import { boundStream } from './read-bounded.ts';
import type {
  ForwardOptions,
  McpOffers,
  Upstream,
  UpstreamState,
  UpstreamTool,
} from './upstream.ts';

const CONNECT_MS = 20_000;
const PING_MS = 5_000;
const RECONNECT_FIRST_MS = 1_000;
const RECONNECT_MAX_MS = 60_000;
/** However much progress it reports. */
const CALL_MS_MAX = 3_600_000;
const STDERR_KEPT = 2_000;
const TOOLS_MAX = 5_000;

const anything = z.looseObject({});

/** Starts to connect to an MCP server, and goes on trying; its tools appear when it is there. */
export function createMcpUpstream(config: McpServerConfig, version: string): Upstream {
  return new McpUpstream(config, version);
}

class McpUpstream implements Upstream {
  readonly name: string;
  readonly prefix: string;
  readonly beside: McpOffers;
  readonly #config: McpServerConfig;
  readonly #version: string;
  readonly #listeners: (() => void)[] = [];
  #client: Client | undefined;
  #connecting: Promise<Client> | undefined;
  /** Set while it is asked whether it still answers. */
  #checking: Promise<void> | undefined;
  #tools: readonly UpstreamTool[] = [];
  #state: UpstreamState = 'connecting';
  #error = '';
  #stderr = '';
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(config: McpServerConfig, version: string) {
    this.#config = config;
    this.#version = version;
    this.name = config.name;
    this.prefix = `${config.name}.`;
    this.beside = {
      has: (what) => this.#client?.getServerCapabilities()?.[what] !== undefined,
      request: (method, params, options) => this.#request(method, params, options),
    };
    this.#connect().catch(() => undefined);
  }

  tools(): readonly UpstreamTool[] {
    return this.#tools;
  }

  async call(tool: string, params: JsonObject, options: ForwardOptions): Promise<ToolResult> {
    const client = await this.#ready();
    try {
      const result = await client.callTool(
        { name: tool, arguments: { ...params }, _meta: metaOf(options) },
        this.#optionsOf(options),
      );
      return {
        value: result,
        mcp: result,
        statusCode: 200,
        failed: result.isError === true,
      };
    } catch (error) {
      if (!options.signal.aborted) this.#check(client);
      throw this.#failure(error);
    }
  }

  status() {
    const { transport } = this.#config;
    const common = { name: this.name, kind: 'mcp', transport } as const;
    return { ...common, state: this.#state, tools: this.#tools.length, error: this.#error };
  }

  onToolsChanged(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    const connecting = this.#connecting;
    await this.#client?.close();
    await connecting?.then((client) => client.close()).catch(() => undefined);
  }

  async #request(method: string, params: JsonObject, options: ForwardOptions): Promise<JsonObject> {
    const client = await this.#ready();
    try {
      const meta = { ...(params['_meta'] as JsonObject | undefined), ...metaOf(options) };
      const request = { method, params: { ...params, _meta: meta } };
      return await client.request(request, anything, this.#optionsOf(options));
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #optionsOf({ signal, onProgress }: ForwardOptions) {
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
        listChanged: {
          tools: { onChanged: (error, tools) => error === null && this.#take(tools ?? []) },
        },
      },
    );
    const transport = this.#createTransport();
    client.onclose = () => {
      if (this.#client === client) this.#lost('the connection has ended');
    };
    try {
      await client.connect(transport, { timeout: CONNECT_MS });
      const hasTools = client.getServerCapabilities()?.tools !== undefined;
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
    this.#tools = tools.slice(0, TOOLS_MAX).map(({ name, description, inputSchema, ...rest }) => ({
      name,
      description: description ?? '',
      inputSchema,
      rest: rest as JsonObject,
    }));
    for (const listener of this.#listeners) listener();
  }

  /** Tries again after a while that grows; a call that comes sooner tries at once. */
  #lost(why: string): void {
    this.#client = undefined;
    if (this.#isClosed()) return;
    this.#state = 'failed';
    this.#error = why;
    const delay = Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** this.#failures++);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect().catch(() => undefined), delay).unref();
  }

  #failure(error: unknown): AppError {
    if (error instanceof AppError) return error;
    const said = this.#stderr.trim() === '' ? '' : ` (it said: ${this.#stderr.trim().slice(-300)})`;
    const message = `the MCP server ${this.name} failed: ${messageOf(error)}${said}`;
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
    const body = boundStream(answer.body, this.#config.result_bytes_max);
    const { status, statusText, headers } = answer;
    return new Response(body, { status, statusText, headers });
  };
}

/** https://github.com/modelcontextprotocol/modelcontextprotocol/pull/414 */
const metaOf = ({ trace }: ForwardOptions) => ({ traceparent: formatTraceparent(trace) });

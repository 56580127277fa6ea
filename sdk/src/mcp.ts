import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';

import { recordable } from './content.ts';
import { fieldsOf, textOf, type Fields } from './fields.ts';
import { once, replaceMethod } from './instrumented.ts';
import { carrierOf, extractEnvelope } from './message-context.ts';
import { openSpan, type OwnedSpan } from './owned-span.ts';
import { isOff } from './shared-state.ts';
import { takeToolSpan } from './tool-call-context.ts';

type Message = Fields;

/** The parts of a transport of `@modelcontextprotocol/sdk` that are used; both sides of a connection have one. */
interface McpTransport {
  onmessage?: ((message: never, extra?: never) => void) | undefined;
  onclose?: (() => void) | undefined;
  send(message: never, options?: never): Promise<void>;
  readonly sessionId?: string | undefined;
}

/** A `Client`, `Server` or `McpServer`. */
export interface McpPeer {
  connect(transport: never, options?: never): Promise<void>;
}

type Side = 'client' | 'server';

const PENDING_MAX = 10_000;

/**
 * Makes an MCP client tell of its calls: a span for each request and notification, and the trace context in its
 * `params._meta`. Call it before `connect`.
 */
export function instrumentMcpClient<T extends McpPeer>(client: T): T {
  return instrument(client, 'client');
}

/** Makes an MCP server tell of the requests it answers, each as a child of the client's span. Call it before `connect`. */
export function instrumentMcpServer<T extends McpPeer>(server: T): T {
  return instrument(server, 'server');
}

function instrument<T extends McpPeer>(peer: T, side: Side): T {
  return once(peer, () => {
    replaceMethod(peer, 'connect', (connect, args) => {
      if (!isOff()) once(args[0] as McpTransport, (transport) => watchTransport(transport, side));
      return connect(...args);
    });
  });
}

/** Everything that the two sides say to each other goes through `send` and `onmessage`. */
function watchTransport(transport: McpTransport, side: Side): void {
  const pending = new Pending();
  replaceMethod(transport, 'send', (send, args) => {
    const message = args[0] as Message;
    if (textOf(message['method']) === undefined) {
      pending.end(`in:${idOf(message)}`, message);
      return send(...args);
    }
    const call = openCall(message, {
      kind: SpanKind.CLIENT,
      transport,
      side,
      parent: context.active(),
    });
    const carrier = carrierOf(call.within);
    const sent = { ...message, params: withMeta(message['params'], carrier) };
    if (idOf(message) === undefined) call.endAfter();
    else pending.add(`out:${idOf(message)}`, call);
    return context.with(call.within, () =>
      sending(send(sent, ...args.slice(1)) as Promise<void>, call),
    );
  });
  watchHandler(transport, { pending, seen: new WeakSet(), transport, side });
  replaceMethod(transport, 'close', (close, args) => {
    pending.endAll();
    return close(...args);
  });
}

type Handler = (message: Message, extra?: unknown) => void;

/** Some transports pass the handler on to another inside them, by an accessor of their own. */
function watchHandler(transport: McpTransport, receiver: Receiving): void {
  const inherited = accessorOf(Object.getPrototypeOf(transport) as object);
  let handler = transport.onmessage as Handler | undefined;
  let watched = handler && receiving(handler, receiver);
  Object.defineProperty(transport, 'onmessage', {
    configurable: true,
    enumerable: true,
    get: () => watched,
    set(next: Handler | undefined) {
      handler = next;
      watched = handler && receiving(handler, receiver);
      inherited?.set?.call(transport, watched);
    },
  });
}

function accessorOf(prototype: object | null): PropertyDescriptor | undefined {
  for (let at = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const found = Object.getOwnPropertyDescriptor(at, 'onmessage');
    if (found !== undefined) return found;
  }
  return undefined;
}

interface Receiving {
  readonly pending: Pending;
  /** Messages that are being handled: handlers may be chained. */
  readonly seen: WeakSet<Message>;
  readonly transport: McpTransport;
  readonly side: Side;
}

function receiving(handler: Handler, { pending, seen, transport, side }: Receiving): Handler {
  return (message, extra) => {
    if (seen.has(message)) {
      handler(message, extra);
      return;
    }
    seen.add(message);
    if (textOf(message['method']) === undefined) {
      pending.end(`out:${idOf(message)}`, message);
      handler(message, extra);
      return;
    }
    // What the HTTP request below carries is the transport's context; the message's own is the caller's.
    const ambient = context.active();
    const carried = extractEnvelope(message, {}, ambient);
    const call = openCall(message, {
      kind: SpanKind.SERVER,
      transport,
      side,
      parent: carried,
      ambient,
    });
    if (idOf(message) === undefined) call.endAfter();
    else pending.add(`in:${idOf(message)}`, call);
    context.with(call.within, () => handler(message, extra));
  };
}

async function sending(sent: Promise<void>, call: Call): Promise<void> {
  try {
    await sent;
  } catch (error) {
    call.fail(error);
    throw error;
  }
}

/** One request or notification, in either direction. */
interface Call {
  readonly within: Context;
  end(response: Message): void;
  fail(error: unknown): void;
  cut(): void;
  /** Closes the call of a notification, which nobody answers, once what it causes at once has happened. */
  endAfter(): void;
}

interface CallOptions {
  readonly kind: SpanKind;
  readonly transport: McpTransport;
  readonly side: Side;
  readonly parent: Context;
  readonly ambient?: Context | undefined;
}

function openCall(message: Message, options: CallOptions): Call {
  const attributes = attributesOf(message, options.transport);
  const tool = attributes['gen_ai.tool.name'];
  const outer =
    options.kind === SpanKind.CLIENT && typeof tool === 'string'
      ? takeToolSpan(options.parent, tool)
      : undefined;
  if (outer !== undefined) return joinTool(outer, attributes, options.parent);
  const owned = openSpan({
    name: spanName(message),
    kind: options.kind,
    attributes,
    parent: options.parent,
  });
  linkAmbient(owned.span, options);
  return spanCall(owned);
}

function spanCall(owned: OwnedSpan): Call {
  return {
    within: owned.within,
    end(response) {
      const failure = failureOf(response);
      if (failure !== undefined) tellFailure(owned.span, failure);
      owned.end(resultAttributes(response));
    },
    fail: owned.fail,
    cut: () => owned.fail(new Error('the connection was closed before the answer came')),
    endAfter: () => queueMicrotask(() => owned.end()),
  };
}

/** The tool's execution has a span already: the call's attributes go there. */
function joinTool(span: Span, attributes: Attributes, within: Context): Call {
  span.setAttributes(attributes);
  const ignore = (): void => undefined;
  return {
    within,
    end(response) {
      const failure = failureOf(response);
      if (failure !== undefined) tellFailure(span, failure);
    },
    fail: ignore,
    cut: ignore,
    endAfter: ignore,
  };
}

interface Failure {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
}

function failureOf(response: Message): Failure | undefined {
  const error = response['error'];
  if (error !== undefined) {
    const { code: given } = fieldsOf(error);
    const code = typeof given === 'number' ? String(given) : '_OTHER';
    return { type: code, code, message: textOf(fieldsOf(error)['message']) ?? '' };
  }
  return fieldsOf(response['result'])['isError'] === true
    ? { type: 'tool_error', message: 'the tool reports an error' }
    : undefined;
}

function tellFailure(span: Span, { type, message, code }: Failure): void {
  span.setAttribute('error.type', type);
  if (code !== undefined) span.setAttribute('rpc.response.status_code', code);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** With HTTP below, the server span of the request is linked to, since the parent is in the client. */
function linkAmbient(span: Span, { ambient, parent }: CallOptions): void {
  const below = ambient && trace.getSpanContext(ambient);
  const above = trace.getSpanContext(parent);
  if (below !== undefined && above !== undefined && below.spanId !== above.spanId) {
    span.addLink({ context: below });
  }
}

function attributesOf(message: Message, transport: McpTransport): Attributes {
  const method = textOf(message['method']) ?? '';
  const params = fieldsOf(message['params']);
  const id = idOf(message);
  const name = textOf(params['name']);
  const uri = textOf(params['uri']);
  const session = textOf(transport.sessionId);
  const argumentsKey = 'gen_ai.tool.call.arguments';
  const content =
    method === 'tools/call' ? recordable(params['arguments'], argumentsKey) : undefined;
  return {
    'mcp.method.name': method,
    ...(id === undefined ? {} : { 'jsonrpc.request.id': id }),
    ...(method === 'tools/call' ? { 'gen_ai.operation.name': 'execute_tool' } : {}),
    ...(method === 'tools/call' && name !== undefined ? { 'gen_ai.tool.name': name } : {}),
    ...(method === 'prompts/get' && name !== undefined ? { 'gen_ai.prompt.name': name } : {}),
    ...(uri === undefined ? {} : { 'mcp.resource.uri': uri }),
    ...(session === undefined ? {} : { 'mcp.session.id': session }),
    ...(content === undefined ? {} : { [argumentsKey]: content }),
    'network.transport':
      'stdio' in transport || '_stdin' in transport || '_process' in transport ? 'pipe' : 'tcp',
  };
}

function resultAttributes(response: Message): Attributes {
  const resultKey = 'gen_ai.tool.call.result';
  const result = fieldsOf(response['result']);
  const version = textOf(result['protocolVersion']);
  const content = recordable(result['content'], resultKey);
  return {
    ...(version === undefined ? {} : { 'mcp.protocol.version': version }),
    ...(content === undefined ? {} : { [resultKey]: content }),
  };
}

function spanName(message: Message): string {
  const method = textOf(message['method']) ?? 'mcp';
  const name = textOf(fieldsOf(message['params'])['name']);
  const hasTarget = method === 'tools/call' || method === 'prompts/get';
  return hasTarget && name !== undefined ? `${method} ${name}` : method;
}

function withMeta(params: unknown, carrier: Fields): Fields {
  const fields = fieldsOf(params);
  return { ...fields, _meta: { ...fieldsOf(fields['_meta']), ...carrier } };
}

function idOf(message: Message): string | undefined {
  const id = message['id'];
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}

/** Requests without an answer yet; a peer that never answers takes no more than its share. */
class Pending {
  readonly #calls = new Map<string, Call>();

  add(key: string, call: Call): void {
    const oldest = this.#calls.size >= PENDING_MAX ? this.#calls.keys().next().value : undefined;
    if (oldest !== undefined) this.#take(oldest)?.cut();
    // Whoever uses an id twice gets one answer for it.
    this.#take(key)?.cut();
    this.#calls.set(key, call);
  }

  end(key: string, response: Message): void {
    this.#take(key)?.end(response);
  }

  endAll(): void {
    for (const key of this.#calls.keys()) this.#take(key)?.cut();
  }

  #take(key: string): Call | undefined {
    const call = this.#calls.get(key);
    this.#calls.delete(key);
    return call;
  }
}

import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import type { ServerContext } from '@modelcontextprotocol/server';

import { AppError } from '../../errors.ts';
import {
  callerKey,
  type CallOutcome,
  type Caller,
  type Face,
  type JsonObject,
  type Progress,
} from '../tool-call.ts';
import { parseTraceparent, type TraceContext } from '../trace-context.ts';
import type { HttpDeps } from './http-face.ts';
import { passOn } from './mcp-passage.ts';
import { callVirtualTool, virtualTools } from './virtual-tools.ts';

export type McpDeps = Pick<
  HttpDeps,
  | 'governor'
  | 'catalog'
  | 'upstreams'
  | 'desk'
  | 'dangersOf'
  | 'mcpWhenAsked'
  | 'version'
  | 'newHexId'
  | 'exposeContent'
  | 'isSupervisor'
  | 'clock'
>;

/** Who is at the other end of a connection or behind a request. */
export interface McpPeer {
  readonly caller: Caller;
  readonly sessionId: string;
  readonly trace?: TraceContext | undefined;
}

export interface McpServerOptions {
  readonly deps: McpDeps;
  readonly face: Extract<Face, 'mcp' | 'stdio'>;
  readonly peerOf: (context: ServerContext) => McpPeer;
}

/** While a call waits for a decision, its caller hears this often that it still does. */
const NOTICE_MS = 5_000;

/** An MCP server whose tools are those of all upstreams; each call goes through the governor. */
export function createMcpServer({ deps, face, peerOf }: McpServerOptions): Server {
  const server = new Server(
    { name: 'signalbox-gateway', version: deps.version },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: {},
        prompts: {},
        completions: {},
      },
    },
  );

  server.setRequestHandler('tools/list', (_, context) => {
    deps.governor.requireAdmitted(peerOf(context).caller);
    const tools = deps.catalog.list().map(({ name, tool }) => ({
      ...tool.rest,
      name,
      description: tool.description,
      inputSchema: { type: 'object' as const, ...tool.inputSchema },
    }));
    return { tools: [...tools, ...virtualTools(deps, peerOf(context).caller)] };
  });

  server.setRequestHandler('tools/call', async (request, context) => {
    const { name, arguments: params = {} } = request.params;
    const peer = peerOf(context);
    const virtual = await callVirtualTool(deps, peer.caller, { name, params });
    if (virtual !== undefined) return virtual;
    const notices = noticesOf(context);
    const outcome = await deps.governor
      .govern({
        caller: peer.caller,
        tool: name,
        params,
        sessionId: peer.sessionId,
        trace: parseTraceparent(context.mcpReq._meta?.['traceparent']) ?? peer.trace,
        face,
        callbackUrl: '',
        model: undefined,
        whenAsked: deps.mcpWhenAsked,
        signal: context.mcpReq.signal,
        ...notices,
      })
      .finally(() => notices.stop());
    return resultOf(outcome);
  });

  for (const method of [
    'resources/list',
    'resources/templates/list',
    'resources/read',
    'prompts/list',
    'prompts/get',
    'completion/complete',
  ] as const) {
    server.setRequestHandler(method, async (request, context) => {
      const peer = peerOf(context);
      asProtocolError(() => deps.governor.requireAdmitted(peer.caller));
      const trace = { ...(peer.trace ?? { traceId: deps.newHexId(16), sampled: true }) };
      const options = {
        agent: callerKey(peer.caller),
        trace: { ...trace, spanId: deps.newHexId(8) },
        signal: context.mcpReq.signal,
      };
      const params = (request.params ?? {}) as JsonObject;
      // What comes from an upstream is passed on as it is; the SDK checks it on its way out.
      return (await passOn(deps.upstreams, method, params, options)) as never;
    });
  }
  return server;
}

/** Progress, for a caller that asked for it: the tool's own, and that somebody must decide. */
function noticesOf(context: ServerContext) {
  const token = context.mcpReq._meta?.progressToken;
  let timer: NodeJS.Timeout | undefined;
  let sent = 0;
  const send = (progress: Progress): void => {
    if (token === undefined) return;
    sent = Math.max(sent + 1, progress.progress);
    void context.mcpReq
      .notify({
        method: 'notifications/progress',
        params: { ...progress, progressToken: token, progress: sent },
      })
      // The connection has ended; the call ends with it.
      .catch(() => undefined);
  };
  return {
    onProgress: (progress: Progress) => {
      clearInterval(timer);
      send(progress);
    },
    onWaiting: ({ id, expiresAtMs }: { id: string; expiresAtMs: number }) => {
      const until = new Date(expiresAtMs).toISOString();
      const message = `waiting for approval ${id} until ${until}`;
      send({ progress: 0, message });
      timer = setInterval(() => send({ progress: 0, message }), NOTICE_MS);
    },
    stop: () => clearInterval(timer),
  };
}

function resultOf(outcome: CallOutcome) {
  const { code, result, error, approvalId, traceId, policy, rule } = outcome;
  const meta = {
    'signalbox/trace_id': traceId,
    'signalbox/policy': policy,
    'signalbox/policy_rule': rule,
    ...(approvalId === undefined ? {} : { 'signalbox/approval_id': approvalId }),
  };
  if (result?.mcp !== undefined && code === 200) {
    const own = result.mcp['_meta'] as JsonObject | undefined;
    return { ...result.mcp, _meta: { ...own, ...meta } } as never;
  }
  if (result !== undefined) {
    const text = typeof result.value === 'string' ? result.value : JSON.stringify(result.value);
    return { content: [{ type: 'text' as const, text }], isError: result.failed, _meta: meta };
  }
  const text = error ?? `the call ended with ${code}`;
  return { content: [{ type: 'text' as const, text }], isError: true, _meta: meta };
}

function asProtocolError(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new ProtocolError(ProtocolErrorCode.InvalidRequest, error.message);
  }
}

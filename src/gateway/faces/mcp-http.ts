import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import {
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  isLegacyRequest,
  type AuthInfo,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { FastifyInstance } from 'fastify';

import { AppError } from '../../errors.ts';
import type { Caller } from '../tool-call.ts';
import type { HttpDeps } from './http-face.ts';
import { createMcpServer, type McpPeer } from './mcp-server.ts';
import { one, originOf, sessionOf, traceOf } from './request-origin.ts';

/** Sessions of the older protocol that are open at once; the one unused for longest gives way. */
const SESSIONS_MAX = 1_000;
const SESSION_IDLE_MS = 30 * 60_000;
const SWEEP_MS = 60_000;

interface Session {
  readonly caller: Caller;
  readonly transport: NodeStreamableHTTPServerTransport;
  readonly server: Server;
  usedAtMs: number;
}

/** MCP over streamable HTTP at `/mcp`: with sessions for the protocol up to 2025, without for the one after. */
export async function mcpRoutes(app: FastifyInstance, deps: HttpDeps): Promise<void> {
  const sessions = new Map<string, Session>();
  const peerOf = (context: ServerContext): McpPeer => {
    const peer = context.http?.authInfo?.extra?.['peer'] as McpPeer | undefined;
    if (peer === undefined) throw new AppError('UNAUTHORIZED', 'the request names no caller');
    return { ...peer, sessionId: peer.sessionId || (context.sessionId ?? '') };
  };
  const create = (): Server => createMcpServer({ deps, face: 'mcp', peerOf });
  const modern = createMcpHandler(create, { legacy: 'reject' });
  const serveModern = toNodeHandler(modern);

  const drop = (id: string): void => {
    const session = sessions.get(id);
    sessions.delete(id);
    void session?.server.close();
  };
  const sweep = setInterval(() => {
    const idleSince = deps.clock.now() - SESSION_IDLE_MS;
    for (const [id, { usedAtMs }] of sessions) if (usedAtMs < idleSince) drop(id);
  }, SWEEP_MS).unref();
  deps.catalog.onChanged(() => {
    modern.notify.toolsChanged();
    for (const { server } of sessions.values()) {
      void server.sendToolListChanged().catch(() => undefined);
    }
  });
  app.addHook('onClose', async () => {
    clearInterval(sweep);
    await modern.close();
    for (const id of sessions.keys()) drop(id);
  });

  const openSession = async (caller: Caller): Promise<Session> => {
    while (sessions.size >= SESSIONS_MAX) drop(sessions.keys().next().value!);
    const server = create();
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, session),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    const session: Session = { caller, transport, server, usedAtMs: deps.clock.now() };
    await server.connect(transport);
    return session;
  };

  const sessionFor = async (request: IncomingMessage, caller: Caller): Promise<Session> => {
    const id = one(request.headers['mcp-session-id']);
    const known = id === undefined ? undefined : sessions.get(id);
    if (id !== undefined && known === undefined) {
      throw new AppError('NOT_FOUND', 'there is no such session; initialize a new one');
    }
    if (known === undefined) return openSession(caller);
    if (known.caller.agent !== caller.agent || known.caller.project !== caller.project) {
      throw new AppError('FORBIDDEN', 'the session belongs to another agent');
    }
    known.usedAtMs = deps.clock.now();
    // Set anew, so that what is dropped first is what was unused for longest.
    sessions.delete(id!);
    sessions.set(id!, known);
    return known;
  };

  const serve = async (
    request: IncomingMessage & { auth?: AuthInfo },
    response: ServerResponse,
    body: unknown,
  ): Promise<void> => {
    if (body !== undefined && !(await isLegacy(request, body))) {
      return serveModern(request as never, response as never, body);
    }
    const { caller } = request.auth!.extra!['peer'] as McpPeer;
    const session = await sessionFor(request, caller);
    return session.transport.handleRequest(request, response, body);
  };

  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/mcp',
    handler: async (request, reply) => {
      const caller = await deps.identity.callerOf(originOf(request.raw));
      const peer: McpPeer = {
        caller,
        sessionId: sessionOf(request.headers),
        trace: traceOf(request.headers),
      };
      const auth: AuthInfo = { token: '', clientId: caller.agent, scopes: [], extra: { peer } };
      const raw = Object.assign(request.raw, { auth });
      // Before it is hijacked, a refusal is answered as any other.
      if (raw.method !== 'POST' || one(raw.headers['mcp-session-id']) !== undefined) {
        await sessionOrModern(raw, request.body, caller);
      }
      reply.hijack();
      await serve(raw, reply.raw, request.body);
    },
  });

  async function sessionOrModern(raw: IncomingMessage, body: unknown, caller: Caller) {
    if (body !== undefined && !(await isLegacy(raw, body))) return;
    const id = one(raw.headers['mcp-session-id']);
    if (id === undefined) throw new AppError('VALIDATION_ERROR', 'name a session: mcp-session-id');
    await sessionFor(raw, caller);
  }
}

async function isLegacy(request: IncomingMessage, body: unknown): Promise<boolean> {
  return isLegacyRequest(await toWebRequest(request as never, body), body);
}

import type { IncomingMessage } from 'node:http';

import { toNodeHandler, toWebRequest } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  isLegacyRequest,
  type AuthInfo,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { FastifyInstance } from 'fastify';

import { AppError } from '../../errors.ts';
import { refuseDeep, TOO_DEEP } from './deep-message.ts';
import type { HttpDeps } from './http-face.ts';
import { createMcpServer, type McpPeer } from './mcp-server.ts';
import { createMcpSessions, type McpSessions } from './mcp-sessions.ts';
import { one, originOf, sessionOf, traceOf } from './request-origin.ts';

/** MCP over streamable HTTP at `/mcp`: with sessions for the protocol up to 2025, without for the one after. */
export async function mcpRoutes(app: FastifyInstance, deps: HttpDeps): Promise<void> {
  const create = (): Server => createMcpServer({ deps, face: 'mcp', peerOf });
  const sessions = createMcpSessions(create, deps.clock);
  const modern = createMcpHandler(create, { legacy: 'reject' });
  const serveModern = toNodeHandler(modern);
  deps.catalog.onChanged(() => {
    modern.notify.toolsChanged();
    sessions.toolsChanged();
  });
  app.addHook('onClose', async () => {
    sessions.close();
    await modern.close();
  });

  app.route({
    method: ['GET', 'POST', 'DELETE'],
    url: '/mcp',
    handler: async (request, reply) => {
      const { headers, body } = request;
      const caller = await deps.identity.callerOf(originOf(request.raw));
      const peer: McpPeer = { caller, sessionId: sessionOf(headers), trace: traceOf(headers) };
      const auth: AuthInfo = { token: '', clientId: caller.agent, scopes: [], extra: { peer } };
      if (refuseDeep(deps.governor, { ...peer, trace: peer.trace, face: 'mcp' }, body)) {
        throw new AppError('VALIDATION_ERROR', TOO_DEEP);
      }
      const raw = Object.assign(request.raw, { auth });
      if (body !== undefined && !(await isLegacy(raw, body))) {
        reply.hijack();
        return serveModern(raw as never, reply.raw, body);
      }
      // Before it is hijacked, a refusal is answered as any other.
      const session = await sessionFor(sessions, raw, peer);
      reply.hijack();
      return session.handleRequest(raw, reply.raw, body);
    },
  });
}

function peerOf(context: ServerContext): McpPeer {
  const peer = context.http?.authInfo?.extra?.['peer'] as McpPeer | undefined;
  if (peer === undefined) throw new AppError('UNAUTHORIZED', 'the request names no caller');
  return { ...peer, sessionId: peer.sessionId || (context.sessionId ?? '') };
}

/** The session that the request names; a POST without one opens one. */
function sessionFor(sessions: McpSessions, request: IncomingMessage, { caller }: McpPeer) {
  const id = one(request.headers['mcp-session-id']);
  if (id !== undefined) return sessions.get(id, caller);
  if (request.method === 'POST') return sessions.open(caller);
  throw new AppError('VALIDATION_ERROR', 'name a session with the header mcp-session-id');
}

async function isLegacy(request: IncomingMessage, body: unknown): Promise<boolean> {
  return isLegacyRequest(await toWebRequest(request as never, body), body);
}

import { randomUUID } from 'node:crypto';

import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import type { Server } from '@modelcontextprotocol/server';

import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../errors.ts';
import type { Caller } from '../tool-call.ts';

/** Sessions that are open at once; the one unused for longest gives way. */
const SESSIONS_MAX = 1_000;
const SESSION_IDLE_MS = 30 * 60_000;
const SWEEP_MS = 60_000;

interface Session {
  readonly caller: Caller;
  readonly transport: NodeStreamableHTTPServerTransport;
  readonly server: Server;
  usedAtMs: number;
}

/** Sessions of the protocol up to 2025; each belongs to the agent that opened it. */
export interface McpSessions {
  /** Throws `NOT_FOUND`, upon which clients open a new one, or `FORBIDDEN` for another agent's. */
  get(id: string, caller: Caller): Promise<NodeStreamableHTTPServerTransport>;
  open(caller: Caller): Promise<NodeStreamableHTTPServerTransport>;
  toolsChanged(): void;
  close(): void;
}

export function createMcpSessions(create: () => Server, clock: Clock): McpSessions {
  const sessions = new Map<string, Session>();
  const drop = (id: string): void => {
    const session = sessions.get(id);
    sessions.delete(id);
    void session?.server.close();
  };
  const sweep = setInterval(() => {
    const idleSince = clock.now() - SESSION_IDLE_MS;
    for (const [id, { usedAtMs }] of sessions) if (usedAtMs < idleSince) drop(id);
  }, SWEEP_MS).unref();

  return {
    async get(id, caller) {
      const session = sessions.get(id);
      if (session === undefined) {
        throw new AppError('NOT_FOUND', 'there is no such session; initialize a new one');
      }
      const { agent, project } = session.caller;
      if (agent !== caller.agent || project !== caller.project) {
        throw new AppError('FORBIDDEN', 'the session belongs to another agent');
      }
      session.usedAtMs = clock.now();
      // Set anew, so that what gives way first is what was unused for longest.
      sessions.delete(id);
      sessions.set(id, session);
      return session.transport;
    },

    async open(caller) {
      while (sessions.size >= SESSIONS_MAX) drop(sessions.keys().next().value!);
      const server = create();
      const transport = new NodeStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => {
          sessions.set(id, { caller, transport, server, usedAtMs: clock.now() });
        },
        onsessionclosed: (id) => void sessions.delete(id),
      });
      await server.connect(transport);
      return transport;
    },

    toolsChanged() {
      // A session whose client listens no more hears of it when it lists again.
      for (const { server } of sessions.values()) {
        void server.sendToolListChanged().catch(() => undefined);
      }
    },

    close() {
      clearInterval(sweep);
      for (const id of sessions.keys()) drop(id);
    },
  };
}

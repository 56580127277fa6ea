import type { Readable, Writable } from 'node:stream';

import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';

import type { Server } from '@modelcontextprotocol/server';

import { refuseDeep } from './deep-message.ts';
import { guardLines } from './guard-lines.ts';
import type { HttpDeps } from './http-face.ts';
import { createMcpServer } from './mcp-server.ts';

/**
 * MCP over standard input and output, for the one agent that started this process. Resolves when the agent closes its
 * end.
 */
export function serveMcpStdio(
  deps: HttpDeps,
  agent: string,
  sessionId: string,
  streams: { readonly input?: Readable; readonly output?: Writable } = {},
): Promise<void> {
  const servers = new Set<Server>();
  deps.catalog.onChanged(() => {
    for (const server of servers) void server.sendToolListChanged().catch(() => undefined);
  });
  const caller = { agent, project: deps.project, proof: 'parent' } as const;
  const input = streams.input ?? process.stdin;
  const output = streams.output ?? process.stdout;
  const origin = { caller, sessionId, trace: undefined, face: 'stdio' } as const;
  const messages = guardLines(
    input,
    output,
    (message) => void refuseDeep(deps.governor, origin, message),
  );
  return new Promise((resolve) => {
    const transport = new StdioServerTransport(messages, output);
    serveStdio(
      () => {
        const server = createMcpServer({
          deps,
          face: 'stdio',
          peerOf: () => ({ caller, sessionId }),
        });
        servers.add(server);
        server.onclose = () => servers.delete(server);
        return server;
      },
      { transport },
    );
    input.once('end', resolve);
    input.once('close', resolve);
  });
}

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string; readonly name?: string };
}

/**
 * An MCP server over streamable HTTP that keeps a count for each session, by the protocol of 2025 spoken by hand: `count`
 * counts, `huge` answers with more than any caller wants.
 */
export async function startStatefulMcpServer(hugeBytes: number): Promise<{
  readonly url: string;
  readonly sessions: () => number;
  close(): Promise<void>;
}> {
  const counts = new Map<string, number>();
  const text = (value: string) => ({ content: [{ type: 'text', text: value }] });
  const answerOf = ({ method, params }: Message, session: string): unknown => {
    if (method === 'initialize') {
      return {
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'stateful', version: '0' },
      };
    }
    if (method === 'tools/list') {
      const tools = ['count', 'huge'].map((name) => ({ name, inputSchema: { type: 'object' } }));
      return { tools };
    }
    if (method !== 'tools/call') return {};
    if (params?.name === 'huge') return text('x'.repeat(hugeBytes));
    counts.set(session, (counts.get(session) ?? 0) + 1);
    return text(String(counts.get(session)));
  };
  const server = createServer((request, response) => {
    void readJson(request).then((message) => {
      if (message?.id === undefined) {
        response.writeHead(message === undefined ? 405 : 202).end();
        return;
      }
      const named = String(request.headers['mcp-session-id'] ?? '');
      const legacy = message.method === 'initialize' || counts.has(named);
      if (!legacy) {
        response.writeHead(400).end();
        return;
      }
      const session = counts.has(named) ? named : `session-${counts.size + 1}`;
      if (!counts.has(session)) counts.set(session, 0);
      response.writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': session });
      const result = answerOf(message, session);
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    sessions: () => counts.size,
    close: () => close(server),
  };
}

async function readJson(request: IncomingMessage): Promise<Message | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  return body === '' ? undefined : (JSON.parse(body) as Message);
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

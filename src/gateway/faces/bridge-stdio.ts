import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';

import { guardLines } from './guard-lines.ts';

/**
 * Passes MCP between standard input and output and a gateway that runs elsewhere on this machine, message by message.
 * Resolves when either end closes.
 */
export async function bridgeStdio(options: {
  readonly url: string;
  readonly agent: string;
  readonly sessionId: string;
  readonly version: string;
}): Promise<void> {
  const { url, agent, sessionId, version } = options;
  const near = new StdioServerTransport(guardLines(process.stdin, process.stdout));
  const far = new StreamableHTTPClientTransport(new URL('/mcp', url), {
    requestInit: {
      headers: {
        authorization: `Bearer agent:${agent}`,
        'user-agent': `signalbox-gateway/${version}`,
        ...(sessionId === '' ? {} : { 'x-session-id': sessionId }),
      },
    },
  });
  const ended = new Promise<void>((resolve) => {
    near.onclose = resolve;
    far.onclose = resolve;
    process.stdin.once('end', resolve);
  });
  near.onmessage = (message) => {
    far.send(message).catch((error: unknown) => {
      if (!('id' in message) || !('method' in message)) return;
      // The caller must not wait for what will not come.
      const text = error instanceof Error ? error.message : String(error);
      const failure = { code: -32_603, message: `the gateway does not answer: ${text}` };
      void near.send({ jsonrpc: '2.0', id: message.id, error: failure });
    });
  };
  far.onmessage = (message) => {
    if ('result' in message && 'protocolVersion' in message.result) {
      far.setProtocolVersion(String(message.result['protocolVersion']));
    }
    void near.send(message);
  };
  await far.start();
  await near.start();
  await ended;
  await far.terminateSession().catch(() => undefined);
  await far.close();
  await near.close();
}

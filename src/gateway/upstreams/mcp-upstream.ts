import type { McpServerConfig } from '../gateway-file.ts';
import { openAgentSessions } from './agent-sessions.ts';
import { openMcpConnection } from './mcp-connection.ts';
import type { ForwardOptions, Upstream, UpstreamTool } from './upstream.ts';

/**
 * Starts to connect to an MCP server, and goes on trying; its tools appear when it is there. Where the server keeps
 * something for who connects, and its transport can carry several sessions, each agent has one of its own.
 */
export function createMcpUpstream(config: McpServerConfig, version: string): Upstream {
  const listeners: (() => void)[] = [];
  let tools: readonly UpstreamTool[] = [];
  const shared = openMcpConnection({
    config,
    version,
    onTools: (taken) => {
      tools = taken;
      for (const listener of listeners) listener();
    },
  });
  const sessions = openAgentSessions({
    max: config.transport === 'http' ? config.agent_sessions_max : 0,
    open: () => openMcpConnection({ config, version }),
  });
  // Without a wait before the call is under way: else its session could give way to another's.
  const connectionOf = ({ agent }: ForwardOptions) =>
    shared.isStateful ? (sessions.of(agent) ?? shared) : shared;
  return {
    name: config.name,
    prefix: `${config.name}.`,
    beside: {
      has: (what) => shared.has(what),
      request: async (method, params, options) =>
        connectionOf(options).request(method, params, options),
    },
    tools: () => tools,
    call: async (tool, params, options) => connectionOf(options).call(tool, params, options),
    status: () => ({
      name: config.name,
      kind: 'mcp',
      transport: config.transport,
      tools: tools.length,
      ...shared.status(),
    }),
    onToolsChanged: (listener) => void listeners.push(listener),
    async close() {
      await Promise.allSettled([shared.close(), sessions.close()]);
    },
  };
}

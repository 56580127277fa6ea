import { setTimeout as delay } from 'node:timers/promises';

import { messageOf } from '../errors.ts';
import type { GatewayFile } from './gateway-file.ts';
import type { Environment } from './load-gateway-file.ts';
import { createCliUpstream } from './upstreams/cli-upstream.ts';
import { createMcpUpstream } from './upstreams/mcp-upstream.ts';
import { createOpenApiUpstream } from './upstreams/openapi-upstream.ts';
import type { Upstream } from './upstreams/upstream.ts';

export interface ConnectOptions {
  readonly config: Pick<GatewayFile, 'mcp_servers' | 'cli_tools' | 'openapi'>;
  readonly environment: Environment;
  readonly version: string;
  /** Told of an OpenAPI document elsewhere that cannot be read now; without it that is an error. */
  readonly onProblem?: ((message: string) => void) | undefined;
  /** How long to wait for servers that are being connected to; not at all when absent. */
  readonly readyWithinMs?: number | undefined;
}

const LOOK_MS = 50;

/** Everything that the configuration names, connected or on its way. What was opened is closed when one fails. */
export async function connectUpstreams(options: ConnectOptions): Promise<readonly Upstream[]> {
  const { config, environment, version, onProblem } = options;
  const upstreams: Upstream[] = [
    ...config.mcp_servers.map((server) => createMcpUpstream(server, version)),
    ...config.cli_tools.map((tool) => createCliUpstream(tool, environment)),
  ];
  try {
    for (const api of config.openapi) {
      try {
        upstreams.push(await createOpenApiUpstream(api));
      } catch (error) {
        // A document on another machine may be out of reach for now; one on this one is a mistake.
        if (api.url === undefined || onProblem === undefined) throw error;
        onProblem(messageOf(error));
      }
    }
    await untilReady(upstreams, options.readyWithinMs ?? 0);
    return upstreams;
  } catch (error) {
    await Promise.allSettled(upstreams.map((upstream) => upstream.close()));
    throw error;
  }
}

async function untilReady(upstreams: readonly Upstream[], withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    if (upstreams.every((upstream) => upstream.status().state !== 'connecting')) return;
    await delay(LOOK_MS);
  }
}

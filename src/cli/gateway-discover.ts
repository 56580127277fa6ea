import { environment } from '../config.ts';
import { generatePolicy } from '../gateway/generate-policy.ts';
import { gatewayFileSchema } from '../gateway/gateway-file.ts';
import { loadGatewayFile } from '../gateway/load-gateway-file.ts';
import { connectUpstreams } from '../gateway/connect-upstreams.ts';
import { createToolCatalog } from '../gateway/tool-catalog.ts';
import { oneLine } from './terminal.ts';
import { productVersion } from './version.ts';

export interface DiscoverFlags {
  readonly config?: string;
  readonly openapi?: string;
  readonly backend?: string;
  readonly agent: string;
  readonly generatePolicy?: true;
  readonly json?: true;
}

const READY_MS = 20_000;

/** `signalbox gateway discover`: what tools there are, and a policy to begin with. */
export async function discover(flags: DiscoverFlags): Promise<void> {
  const config = configOf(flags);
  const upstreams = await connectUpstreams({
    config,
    environment: environment(),
    version: productVersion(),
    readyWithinMs: READY_MS,
  });
  try {
    const catalog = createToolCatalog(upstreams, () => false);
    const tools = catalog.list();
    for (const { name, state, error } of catalog.statuses()) {
      if (state !== 'ready') console.error(`${name} is ${state}: ${error}`);
    }
    if (flags.generatePolicy) {
      const reads = config.registry.read_tools;
      process.stdout.write(generatePolicy(tools, { agent: flags.agent, reads }));
    } else if (flags.json) {
      const shown = tools.map(({ name, tool: { description, inputSchema } }) => ({
        name,
        description,
        input_schema: inputSchema,
      }));
      console.log(JSON.stringify(shown, null, 2));
    } else {
      for (const { name, tool } of tools) {
        console.log(oneLine(`${name}  ${tool.description.split('\n')[0]}`).trimEnd());
      }
    }
  } finally {
    for (const upstream of upstreams) await upstream.close();
  }
}

function configOf({ config, openapi, backend }: DiscoverFlags) {
  if (openapi === undefined) {
    return loadGatewayFile(config ?? 'gateway.yaml', environment()).config;
  }
  const source = /^https?:\/\//.test(openapi) ? { url: openapi } : { file: openapi };
  return gatewayFileSchema.parse({
    openapi: [{ ...source, ...(backend === undefined ? {} : { backend_url: backend }) }],
  });
}

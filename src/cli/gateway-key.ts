import { existsSync } from 'node:fs';

import { environment } from '../config.ts';
import { loadGatewayFile } from '../gateway/load-gateway-file.ts';
import { createAgentKey, revokeAgentKeys } from '../main-gateway.ts';
import { defaultGatewayDirectory } from './gateway-address.ts';

export interface GatewayKeyFlags {
  readonly config?: string;
  readonly dataDir?: string;
  readonly expiresInDays?: number;
  readonly revoke?: true;
}

/** `signalbox gateway key`: prints the key of an agent, for a gateway that runs without a server. */
export async function gatewayKey(agent: string, flags: GatewayKeyFlags): Promise<void> {
  const dataDir = flags.dataDir ?? dataDirOf(flags.config) ?? defaultGatewayDirectory();
  if (flags.revoke) {
    console.error(`${await revokeAgentKeys(dataDir, agent)} keys of ${agent} are revoked.`);
    return;
  }
  console.log(await createAgentKey(dataDir, agent, flags.expiresInDays));
  console.error(
    `The agent ${agent} sends it as "Authorization: Bearer KEY". It is stored nowhere.`,
  );
}

function dataDirOf(config = 'gateway.yaml'): string | undefined {
  return existsSync(config) ? loadGatewayFile(config, environment()).config.data_dir : undefined;
}

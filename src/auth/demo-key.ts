import type { Auth } from './auth.ts';
import { SYSTEM_PRINCIPAL } from './principal.ts';

const LABEL = 'demonstration';

/** A key for the made-up agents. It takes the place of the one that an earlier start made. */
export async function createDemoKey(auth: Pick<Auth, 'apiKeys'>): Promise<string> {
  const keys = await auth.apiKeys.list(SYSTEM_PRINCIPAL);
  for (const { id, label, createdBy } of keys) {
    if (label === LABEL && createdBy === SYSTEM_PRINCIPAL.id) {
      await auth.apiKeys.revoke(id, SYSTEM_PRINCIPAL);
    }
  }
  const { secret } = await auth.apiKeys.create(
    { label: LABEL, scopes: ['telemetry:write'] },
    SYSTEM_PRINCIPAL,
  );
  return secret;
}

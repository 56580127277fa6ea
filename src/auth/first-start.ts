import type { Auth } from './auth.ts';
import type { AuthConfig } from './config.ts';
import { SYSTEM_PRINCIPAL } from './principal.ts';

/** What an empty installation is given to begin with; each secret is told once. */
export interface FirstStart {
  /** Signs the administrator in, once. */
  readonly linkToken: string;
  /** Undefined when the configuration gave it. */
  readonly ingestKey: string | undefined;
  /** Undefined when the configuration gave the password. */
  readonly adminPassword: string | undefined;
}

/** Makes the first administrator and the first ingest key; undefined when there is an administrator already. */
export async function prepareFirstStart(
  auth: Auth,
  config: AuthConfig,
): Promise<FirstStart | undefined> {
  const { adminUsername: username, adminPassword: password, ingestKey } = config;
  const admin = await auth.accounts.ensureFirstAdmin({ username, password });
  if (admin === undefined) return undefined;
  const { secret } = await auth.apiKeys.create(
    { label: 'first ingest key', scopes: ['telemetry:write'], secret: ingestKey },
    SYSTEM_PRINCIPAL,
  );
  return {
    linkToken: await auth.logins.createSignInLink(username),
    ingestKey: ingestKey === undefined ? secret : undefined,
    adminPassword: admin.password,
  };
}

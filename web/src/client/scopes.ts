import type { BodyOf } from './call.ts';

export type ScopeName = BodyOf<'POST /auth/api-keys'>['scopes'][number];

/** Each scope as what its holder may do. */
export const SCOPE_NAMES = {
  'telemetry:write': 'send telemetry',
  'registry:read': 'see agents',
  'registry:write': 'decide about agents',
  'monitoring:read': 'see traces and runs',
  'cost:read': 'see costs',
  'anomaly:read': 'see anomalies',
  'anomaly:write': 'handle anomalies',
  'governance:read': 'see decisions and evidence',
  'governance:write': 'decide about calls',
  'gateway:call': 'call tools, as the agent that the key is named for',
  'gateway:link': 'tell of the approvals of the gateway that the key is named for',
  admin: 'everything',
} as const satisfies Record<ScopeName, string>;

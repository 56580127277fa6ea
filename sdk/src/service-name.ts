export const DEFAULT_PREFIX = 'signalbox';

/** What a process is: an agent, a channel to people, or anything else under its own name. */
export interface ServiceIdentity {
  readonly service?: string | undefined;
  readonly agent?: string | undefined;
  /** `chat`, `slack`, `discord`, … */
  readonly channel?: string | undefined;
  readonly prefix?: string | undefined;
}

/**
 * The `service.name` of a process: `{prefix}-{agent}` or `{prefix}-channel-{channel}`, or `service` as it stands.
 * Undefined when the identity names nothing.
 */
export function serviceName(identity: ServiceIdentity): string | undefined {
  const prefix = identity.prefix ?? DEFAULT_PREFIX;
  if (identity.service) return identity.service;
  if (identity.agent) return `${prefix}-${identity.agent}`;
  if (identity.channel) return `${prefix}-channel-${identity.channel}`;
  return undefined;
}

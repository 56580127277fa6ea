import type { PlatformDeclaration } from './declaration.ts';

const DEFAULT_PREFIX = 'signalbox';

/** `{prefix}-{agent}`, e.g. `signalbox-weather`. */
export function agentServiceName(declaration: PlatformDeclaration, agent: string): string {
  return `${declaration.servicePrefix ?? DEFAULT_PREFIX}-${agent}`;
}

/** `{prefix}-channel-{kind}`, e.g. `signalbox-channel-slack`. */
export function channelServiceName(declaration: PlatformDeclaration, kind: string): string {
  return `${declaration.servicePrefix ?? DEFAULT_PREFIX}-channel-${kind}`;
}

/** Where an agent hears tasks on NATS, e.g. `signalbox.travel.agents.weather.tasks`. */
export function agentSubject(declaration: PlatformDeclaration, agent: string): string {
  return `${declaration.servicePrefix ?? DEFAULT_PREFIX}.${declaration.name}.agents.${agent}.tasks`;
}

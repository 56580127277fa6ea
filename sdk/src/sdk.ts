/** What `@signalbox/sdk` offers; integrations of libraries are entries of their own. */
export { initTelemetry } from './init-telemetry.ts';
export { asAgent, asStep, asTool, withAgent, withStep, withTool } from './agent.ts';
export type { AgentOptions, ToolOptions } from './agent.ts';
export { startModelCall, withModelCall } from './model-call.ts';
export type { ModelCall, ModelCallOptions, ModelOperation } from './model-call.ts';
export type { ModelAnswer } from './model-answer.ts';
export type { TokenUsage } from './token-usage.ts';
export { withConversation } from './context-identity.ts';
export type { WorkIdentity } from './context-identity.ts';
export { carrierOf, extractEnvelope, extractHeaders, injectEnvelope } from './message-context.ts';
export type { Envelope, MessageHeaders, ReceiveOptions } from './message-context.ts';
export { BENIGN_EXCEPTIONS, isNoise, suppressNoise } from './noise.ts';
export type { NoiseRule } from './noise.ts';
export { serviceName } from './service-name.ts';
export type { ServiceIdentity } from './service-name.ts';
export type { Redact, SpanNames, Telemetry } from './shared-state.ts';
export type { Protocol, TelemetryOptions } from './telemetry-options.ts';

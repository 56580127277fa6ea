import {
  context,
  createContextKey,
  propagation,
  type Attributes,
  type Baggage,
  type Context,
} from '@opentelemetry/api';

/** Who a piece of work is for and which agent does it. */
export interface WorkIdentity {
  readonly conversationId?: string | undefined;
  readonly userId?: string | undefined;
}

/** Baggage that came from another process; it is believed once its sender is known to be trusted. */
export interface RemoteBaggage {
  readonly baggage: Baggage;
  trusted: boolean | undefined;
}

const IDENTITY = createContextKey('signalbox.identity');
const AGENT = createContextKey('signalbox.agent');
const REMOTE_BAGGAGE = createContextKey('signalbox.remote_baggage');

/** The keys under which the two travel in baggage; other instrumentations use the same. */
export const CONVERSATION_KEY = 'gen_ai.conversation.id';
export const USER_KEY = 'user.id';
const VALUE_CHARS_MAX = 256;

/**
 * Runs `work` for one conversation and user: both are put on every span below, and sent along as baggage to hosts
 * that are trusted. Give the conversation's id only where the framework or channel keeps one.
 */
export function withConversation<T>(identity: WorkIdentity, work: () => T): T {
  return context.with(withIdentity(context.active(), identity), work);
}

export function withIdentity(parent: Context, identity: WorkIdentity): Context {
  if (identity.conversationId === undefined && identity.userId === undefined) return parent;
  const merged = { ...identityOf(parent), ...present(identity) };
  let baggage = baggageOf(parent) ?? propagation.createBaggage();
  if (merged.conversationId !== undefined) {
    baggage = baggage.setEntry(CONVERSATION_KEY, { value: merged.conversationId });
  }
  if (merged.userId !== undefined) baggage = baggage.setEntry(USER_KEY, { value: merged.userId });
  return propagation.setBaggage(parent.setValue(IDENTITY, merged), baggage);
}

export function withAgentName(parent: Context, agent: string): Context {
  return parent.setValue(AGENT, agent);
}

export function agentNameOf(of: Context): string | undefined {
  return of.getValue(AGENT) as string | undefined;
}

export function withRemoteBaggage(parent: Context, remote: RemoteBaggage): Context {
  return parent.setValue(REMOTE_BAGGAGE, remote);
}

export function remoteBaggageOf(of: Context): RemoteBaggage | undefined {
  return of.getValue(REMOTE_BAGGAGE) as RemoteBaggage | undefined;
}

/** The baggage that may be used and passed on: what this process set, else what a trusted one sent. */
export function baggageOf(of: Context): Baggage | undefined {
  const own = propagation.getBaggage(of);
  if (own !== undefined) return own;
  const remote = remoteBaggageOf(of);
  return remote?.trusted === true ? remote.baggage : undefined;
}

/** Set in this process, else received from a trusted one. */
export function identityOf(of: Context): WorkIdentity {
  const set = of.getValue(IDENTITY) as WorkIdentity | undefined;
  if (set !== undefined) return set;
  const baggage = baggageOf(of);
  if (baggage === undefined) return {};
  return present({
    conversationId: shortValue(baggage, CONVERSATION_KEY),
    userId: shortValue(baggage, USER_KEY),
  });
}

/** What the context says about every span that starts in it. */
export function contextAttributes(of: Context): Attributes {
  const { conversationId, userId } = identityOf(of);
  const agent = agentNameOf(of);
  return {
    ...(conversationId === undefined ? {} : { 'gen_ai.conversation.id': conversationId }),
    ...(userId === undefined ? {} : { 'user.id': userId }),
    ...(agent === undefined ? {} : { 'gen_ai.agent.name': agent }),
  };
}

function shortValue(baggage: Baggage, key: string): string | undefined {
  const value = baggage.getEntry(key)?.value;
  return value !== undefined && value !== '' && value.length <= VALUE_CHARS_MAX ? value : undefined;
}

function present(identity: WorkIdentity): WorkIdentity {
  const { conversationId, userId } = identity;
  return {
    ...(conversationId === undefined ? {} : { conversationId }),
    ...(userId === undefined ? {} : { userId }),
  };
}

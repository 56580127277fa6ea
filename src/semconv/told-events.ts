import type { Dialect, EventRules, ToldEvent } from './dialect.ts';
import type { ScopeProfile } from './scope-profile.ts';
import { profileOfScope } from './scope-profile.ts';

/** A kind of log record that tells of a call, or of a run's beginning. */
export interface KnownEvent {
  /** The event's whole name, e.g. `claude_code.api_request`: the name of the span that it stands for. */
  readonly name: string;
  readonly dialectId: string;
  readonly rules: EventRules;
  readonly told: ToldEvent;
  /** How the span that it stands for is to be read. */
  readonly profile: ScopeProfile;
}

/**
 * What a log record of this name and scope tells of; undefined for nearly all. A scope that speaks a dialect with
 * events of its own tells by those alone: the same program may tell of a call in the conventions' words too.
 */
export function findEvent(
  eventName: string,
  scopeName: string,
  dialects: readonly Dialect[],
): KnownEvent | undefined {
  if (eventName === '') return undefined;
  const scope = profileOfScope(scopeName, dialects);
  const own = dialects[scope.dialect]?.events === undefined ? -1 : scope.dialect;
  for (const [index, { id, events, framework = '' }] of dialects.entries()) {
    if (events === undefined || (own !== -1 && own !== index)) continue;
    const isWhole = eventName.startsWith(events.prefix);
    if (!isWhole && own !== index) continue;
    const rest = isWhole ? eventName.slice(events.prefix.length) : eventName;
    if (!Object.hasOwn(events.told, rest)) continue;
    const { cachedInput, reasoningOutput, totalHoldsAll, estimated } = events;
    const rule = {
      ...(scope.dialect === index ? scope.rule : {}),
      ...(cachedInput === undefined ? {} : { cachedInput }),
      ...(reasoningOutput === undefined ? {} : { reasoningOutput }),
      ...(totalHoldsAll === undefined ? {} : { totalHoldsAll }),
      ...(estimated === undefined ? {} : { estimated }),
    };
    // The conventions' event may come from any scope, which then knows its own dialect better.
    const dialect = scope.dialect === -1 ? index : scope.dialect;
    return {
      name: `${events.prefix}${rest}`,
      dialectId: id,
      rules: events,
      told: events.told[rest]!,
      profile: { dialect, framework: framework || scope.framework, rule },
    };
  }
  return undefined;
}

/** What the event of a span's name stands for; undefined when the dialect has no such event. */
export function toldOperation(
  dialect: Dialect,
  spanName: string,
): ToldEvent['operation'] | undefined {
  const { events } = dialect;
  if (events === undefined || !spanName.startsWith(events.prefix)) return undefined;
  const rest = spanName.slice(events.prefix.length);
  return Object.hasOwn(events.told, rest) ? events.told[rest]!.operation : undefined;
}

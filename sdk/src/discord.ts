import { isThenable } from './async-result.ts';
import { withChannelMessage } from './channel-message.ts';
import { fieldsOf, textOf, type Fields } from './fields.ts';
import { once, replaceMethod } from './instrumented.ts';
import { isOff } from './shared-state.ts';

/** The parts of a `Client` of discord.js that are used. */
export interface DiscordClient {
  emit(event: never, ...args: never): boolean;
  rawListeners(event: never): readonly unknown[];
}

const EVENTS: Readonly<Record<string, string>> = {
  messageCreate: 'message',
  interactionCreate: 'interaction',
};

/**
 * Makes each message that a discord.js client receives the root of a trace, `discord.message`, and each command or
 * button `discord.interaction`. The span is open until every listener's promise has settled.
 */
export function instrumentDiscord<T extends DiscordClient>(client: T): T {
  return once(client, () => {
    replaceMethod(client, 'emit', (emit, args) => {
      const event = EVENTS[String(args[0])];
      const listeners = client.rawListeners(args[0] as never) as Listener[];
      if (event === undefined || listeners.length === 0 || isOff()) return emit(...args);
      const subject = fieldsOf(args[1]);
      const handled = withChannelMessage(messageOf(event, subject), () =>
        settled(
          listeners.map((listener): unknown => {
            const result: unknown = Reflect.apply(listener, client, args.slice(1));
            // The client is one that captures rejections: they are its event `error`.
            if (!isThenable(result)) return result;
            const promise = Promise.resolve(result);
            promise.catch((error: unknown) => tell(emit, error));
            return promise;
          }),
        ),
      );
      handled?.catch(() => undefined);
      return true;
    });
  });
}

type Listener = (...args: unknown[]) => unknown;

/** As Node does for captured rejections: with nobody who listens to `error`, the process hears of it. */
function tell(emit: (...args: unknown[]) => unknown, error: unknown): void {
  process.nextTick(() => emit('error', error));
}

/** Undefined when no listener returned a promise. */
function settled(results: readonly unknown[]): Promise<unknown> | undefined {
  const promises = results.filter(isThenable);
  return promises.length === 0 ? undefined : Promise.all(promises);
}

function messageOf(event: string, subject: Fields): Parameters<typeof withChannelMessage>[0] {
  const author = fieldsOf(subject['author'] ?? subject['user']);
  const channel = textOf(subject['channelId']);
  const guild = textOf(subject['guildId']);
  const id = textOf(subject['id']);
  return {
    channel: 'discord',
    event,
    conversationId: channel === undefined ? undefined : `discord:${guild ?? 'direct'}:${channel}`,
    userId: textOf(author['id']),
    text: subject['content'],
    attributes: {
      ...(guild === undefined ? {} : { 'discord.guild.id': guild }),
      ...(channel === undefined ? {} : { 'messaging.destination.name': channel }),
      ...(id === undefined ? {} : { 'messaging.message.id': id }),
    },
  };
}

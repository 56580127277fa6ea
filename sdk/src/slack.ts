import { withChannelMessage } from './channel-message.ts';
import { fieldsOf, textOf, type Fields } from './fields.ts';
import { once } from './instrumented.ts';
import { isOff } from './shared-state.ts';

/** A Bolt middleware, by the arguments that are looked at. */
type Middleware = (args: {
  readonly body: unknown;
  readonly next: () => Promise<void>;
}) => Promise<void>;

/** The parts of an `App` of `@slack/bolt` that are used. */
export interface SlackApp {
  use(middleware: Middleware): unknown;
}

/**
 * Makes each event that a Slack app receives the root of a trace: `slack.message`, `slack.app_mention`, and
 * `slack.{type}` for commands, actions and the rest. Works in Socket Mode and over HTTP. Call it before the app's
 * own middleware is added.
 */
export function instrumentSlack<T extends SlackApp>(app: T): T {
  return once(app, () => {
    app.use(({ body, next }) => {
      if (isOff()) return next();
      return withChannelMessage(messageOf(fieldsOf(body)), () => next());
    });
  });
}

function messageOf(body: Fields): Parameters<typeof withChannelMessage>[0] {
  const event = fieldsOf(body['event']);
  const type = textOf(event['type']) ?? (body['command'] ? 'command' : textOf(body['type']));
  const team = textOf(body['team_id']) ?? textOf(fieldsOf(body['team'])['id']);
  const channel =
    textOf(event['channel']) ??
    textOf(fieldsOf(body['channel'])['id']) ??
    textOf(body['channel_id']);
  const message = fieldsOf(body['message']);
  const thread = ['thread_ts', 'ts']
    .map((key) => textOf(event[key]) ?? textOf(message[key]))
    .find(Boolean);
  const user =
    textOf(event['user']) ?? textOf(fieldsOf(body['user'])['id']) ?? textOf(body['user_id']);
  const eventId = textOf(body['event_id']);
  return {
    channel: 'slack',
    event: type ?? 'event',
    conversationId:
      thread === undefined ? undefined : ['slack', team, channel, thread].filter(Boolean).join(':'),
    userId: user,
    text: event['text'] ?? body['text'],
    attributes: {
      ...(team === undefined ? {} : { 'slack.team.id': team }),
      ...(channel === undefined ? {} : { 'messaging.destination.name': channel }),
      ...(eventId === undefined ? {} : { 'messaging.message.id': eventId }),
    },
  };
}

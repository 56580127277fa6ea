import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';

import { recordable } from './content.ts';
import { withIdentity, type WorkIdentity } from './context-identity.ts';
import { withSpan } from './owned-span.ts';

/** Something that a person did in a channel. */
export interface ChannelMessage extends WorkIdentity {
  /** `chat`, `slack`, `discord`, … */
  readonly channel: string;
  /** `message`, `app_mention`, …; the span is `{channel}.{event}`. */
  readonly event: string;
  /** The message's text, recorded only where content is. */
  readonly text?: unknown;
  readonly attributes?: Attributes | undefined;
}

/**
 * Runs the handling of a channel's event inside a span that is the root of its trace. Where the event came by an
 * HTTP request that has a server span, it is that span's child.
 */
export function withChannelMessage<T>(message: ChannelMessage, work: (span: Span) => T): T {
  const inputKey = 'gen_ai.input.messages';
  const text = recordable(message.text, inputKey);
  return withSpan(
    {
      name: `${message.channel}.${message.event}`,
      kind: SpanKind.CONSUMER,
      attributes: {
        'messaging.system': message.channel,
        'messaging.operation.type': 'process',
        ...(text === undefined ? {} : { [inputKey]: text }),
        ...message.attributes,
      },
      parent: withIdentity(entryContext(), message),
    },
    work,
  );
}

/**
 * A socket's events run in whatever context opened it, and a conversation of an hour is not part of that. Only a
 * server span that is active says where an event belongs.
 */
function entryContext(): Context {
  const active = context.active();
  const span = trace.getSpan(active) as { readonly kind?: SpanKind } | undefined;
  return span?.kind === SpanKind.SERVER ? active : ROOT_CONTEXT;
}

import { useMemo, useState } from 'react';
import { formatCount } from '../format.ts';
import { EmptyState } from '../parts/States.tsx';
import { conversationOf, resultsById } from '../trace/conversation.ts';
import type { Turn } from '../trace/conversation.ts';
import { MessageTurn } from './MessageTurn.tsx';
import type { TraceViewProps } from './TraceViews.tsx';
import './ConversationView.css';

const TURNS_FIRST = 200;

/** What was said, each message once; a tool's result stands with its call. */
export function ConversationView({ tree, selected, onSelect }: TraceViewProps) {
  const turns = useMemo(() => conversationOf(tree), [tree]);
  const results = useMemo(() => resultsById(turns), [turns]);
  const called = useMemo(() => calledIds(turns), [turns]);
  const [most, setMost] = useState(TURNS_FIRST);
  if (turns.length === 0) {
    return (
      <section className="panel">
        <EmptyState title="No messages were captured">
          <p className="quiet">
            Instrumentations leave content out unless asked. With OpenTelemetry’s own:{' '}
            <code className="mono">OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true</code>
          </p>
        </EmptyState>
      </section>
    );
  }
  return (
    <section className="panel conversation" aria-label="Conversation">
      <ol>
        {turns.slice(0, most).map((turn, at) => (
          <TurnItem
            key={at}
            turn={turn}
            named={turn.agent !== (turns[at - 1]?.agent ?? '')}
            results={results}
            called={called}
            selected={turn.index === selected}
            onOpen={() => onSelect(turn.index)}
          />
        ))}
      </ol>
      {turns.length > most && (
        <button type="button" className="button" onClick={() => setMost(most + TURNS_FIRST)}>
          Show more of {formatCount(turns.length - most)}
        </button>
      )}
    </section>
  );
}

function calledIds(turns: readonly Turn[]): ReadonlySet<string> {
  return new Set(
    turns.flatMap(({ message }) =>
      message.parts.flatMap(({ kind, id }) =>
        kind === 'tool call' && id !== undefined ? [id] : [],
      ),
    ),
  );
}

function TurnItem(props: {
  readonly turn: Turn;
  readonly named: boolean;
  readonly results: ReadonlyMap<string, string>;
  readonly called: ReadonlySet<string>;
  readonly selected: boolean;
  readonly onOpen: () => void;
}) {
  const { message, agent } = props.turn;
  // A result is shown with its call.
  const parts = message.parts
    .filter(({ kind, id }) => kind !== 'tool result' || id === undefined || !props.called.has(id))
    .map((part) => {
      const text = props.results.get(part.id ?? '');
      return text === undefined ? part : { ...part, result: { text, truncated: false } };
    });
  if (parts.length === 0) return null;
  return (
    <MessageTurn
      role={message.role}
      agent={props.named ? agent : ''}
      parts={parts}
      selected={props.selected}
      action={
        <button type="button" className="button small plain" onClick={props.onOpen}>
          Span
        </button>
      }
    />
  );
}

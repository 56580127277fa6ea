import { useMemo, useState } from 'react';
import { formatCount } from '../format.ts';
import { Foreign, ForeignBlock } from '../parts/Foreign.tsx';
import { EmptyState } from '../parts/States.tsx';
import { conversationOf, resultsById } from '../trace/conversation.ts';
import type { Turn } from '../trace/conversation.ts';
import type { MessagePart } from '../../../src/model/message-shape.ts';
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
  const parts = message.parts.filter(
    ({ kind, id }) => kind !== 'tool result' || id === undefined || !props.called.has(id),
  );
  if (parts.length === 0) return null;
  return (
    <li data-role={message.role} data-selected={props.selected}>
      <div className="turn-head">
        <b>
          <Foreign text={message.role} charactersMax={30} />
        </b>
        {props.named && agent !== '' && (
          <span className="faint">
            <Foreign text={agent} charactersMax={60} />
          </span>
        )}
        <button type="button" className="button small plain" onClick={props.onOpen}>
          Span
        </button>
      </div>
      {parts.map((part, at) => (
        <PartBlock key={at} part={part} result={props.results.get(part.id ?? '')} />
      ))}
    </li>
  );
}

function PartBlock(props: { readonly part: MessagePart; readonly result: string | undefined }) {
  const { part, result } = props;
  const plain = part.kind === 'text' || part.kind === 'reasoning';
  return (
    <div className={`part ${part.kind.replace(' ', '-')}`}>
      {(part.kind !== 'text' || part.cached) && (
        <div className="part-head faint">
          {part.kind === 'text' ? '' : part.kind}{' '}
          {part.name !== undefined && (
            <span className="mono">
              <Foreign text={part.name} charactersMax={80} />
            </span>
          )}
          {part.cached && <span className="tag">cached</span>}
        </div>
      )}
      <ForeignBlock text={part.text} mono={!plain} />
      {part.kind === 'tool call' && result !== undefined && (
        <>
          <div className="part-head faint">result</div>
          <ForeignBlock text={result} />
        </>
      )}
    </div>
  );
}

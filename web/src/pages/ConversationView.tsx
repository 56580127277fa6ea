import { infiniteQueryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { traceMessageLogsQuery } from '../client/logs.ts';
import { readSpans, SPANS_AT_ONCE } from '../client/traces.ts';
import { formatCount } from '../format.ts';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import type { SpanTree } from '../span-tree.ts';
import { conversationOf, tellingSpansOf, resultsById } from '../trace/conversation.ts';
import type { Turn } from '../trace/conversation.ts';
import { messageLogsBySpan, withLoggedMessages } from '../trace/log-messages.ts';
import { MessageTurn } from './MessageTurn.tsx';
import type { TraceViewProps } from './TraceViews.tsx';
import './ConversationView.css';

const TURNS_FIRST = 200;

/** What was said, each message once; a tool's result stands with its call. */
export function ConversationView({ traceId, tree, selected, onSelect }: TraceViewProps) {
  const calls = useMemo(() => tellingSpansOf(tree), [tree]);
  const [most, setMost] = useState(TURNS_FIRST);
  const spans = useInfiniteQuery(spansInTurnQuery(traceId, tree, calls));
  const logged = useQuery(traceMessageLogsQuery(traceId)).data;
  const turns = useMemo(() => {
    const read = (spans.data?.pages ?? []).flatMap((page) => page.spans);
    const told = messageLogsBySpan(logged?.records ?? []);
    const byId = new Map(
      read.map((span) => [span.spanId, withLoggedMessages(span, told.get(span.spanId))]),
    );
    return conversationOf(tree, calls, byId);
  }, [tree, calls, spans.data, logged]);
  const results = useMemo(() => resultsById(turns), [turns]);
  const called = useMemo(() => calledIds(turns), [turns]);
  const left = calls.length - (spans.data?.pages.length ?? 0) * SPANS_AT_ONCE;
  if (spans.isPending && calls.length > 0) {
    return <section className="panel conversation" aria-busy="true" aria-label="Conversation" />;
  }
  if (spans.isError) {
    return (
      <section className="panel">
        <ErrorState
          error={spans.error}
          what="The messages cannot be read"
          onRetry={() => void spans.refetch()}
        />
      </section>
    );
  }
  if (turns.length === 0 && left <= 0) return <NoMessages />;
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
      {left > 0 && turns.length <= most && (
        <button
          type="button"
          className="button"
          disabled={spans.isFetchingNextPage}
          onClick={() => void spans.fetchNextPage()}
        >
          Go on with {formatCount(left)} more spans
        </button>
      )}
    </section>
  );
}

function NoMessages() {
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

/** The spans of the model calls, in their order, some at a time: messages are the largest part of a trace. */
function spansInTurnQuery(traceId: string, tree: SpanTree, calls: readonly number[]) {
  const idsAt = (page: number) =>
    calls
      .slice(page * SPANS_AT_ONCE, (page + 1) * SPANS_AT_ONCE)
      .map((index) => tree.spanIds[index]!);
  return infiniteQueryOptions({
    queryKey: ['spans in turn', traceId, calls.length],
    queryFn: async ({ pageParam, signal }) => ({
      spans: await readSpans(traceId, idsAt(pageParam), signal),
    }),
    enabled: calls.length > 0,
    initialPageParam: 0,
    getNextPageParam: (_, pages) => (idsAt(pages.length).length === 0 ? undefined : pages.length),
    staleTime: 60_000,
  });
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
      const text = props.results.get(part.id ?? '') ?? props.turn.result;
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

import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { conversationQuery } from '../client/conversations.ts';
import type { Conversation, ThreadRun } from '../client/conversations.ts';
import { ApiError } from '../client/http.ts';
import {
  formatCompact,
  formatCount,
  formatDuration,
  formatPlural,
  parseTimeMs,
} from '../format.ts';
import { CopyButton } from '../parts/CopyButton.tsx';
import { Figure, Figures } from '../parts/Figures.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Money } from '../parts/Money.tsx';
import { Page } from '../parts/Page.tsx';
import { RunStatus } from '../parts/RunStatus.tsx';
import { EmptyState, ErrorState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { Words } from '../parts/Words.tsx';
import { useGoBack } from '../parts/use-go-back.ts';
import { useRowCursor } from '../parts/use-row-cursor.ts';
import { useShortcuts } from '../parts/use-shortcuts.ts';
import { MessageTurn } from './MessageTurn.tsx';
import { tokensText } from './RunTable.tsx';
import './Conversation.css';
import './Run.css';

const route = getRouteApi('/shell/conversations/$conversationId');

/** One conversation as a thread: what was said, run by run, across traces. */
export function ConversationPage() {
  const { conversationId } = route.useParams();
  const thread = useInfiniteQuery(conversationQuery(conversationId));
  const goBack = useGoBack('/conversations');
  useShortcuts([{ keys: 'Escape', label: 'Back', group: 'Lists', run: goBack }]);
  const first = thread.data?.pages[0]?.data;
  const missing = thread.error instanceof ApiError && thread.error.status === 404;
  return (
    <Page
      title={`Conversation ${conversationId}`}
      heading={
        <>
          <Link to="/conversations" className="crumbs">
            Conversations /
          </Link>{' '}
          <span className="mono conversation-id">
            <Foreign text={conversationId} charactersMax={80} />
          </span>
        </>
      }
      actions={
        <>
          <CopyButton text={conversationId} label="Copy id" />
          <Link
            to="/runs"
            search={{ conversation: conversationId, range: 'all' }}
            className="button"
          >
            Its runs as a list
          </Link>
        </>
      }
    >
      {thread.isError && first === undefined ? (
        <section className="panel">
          <ErrorState
            error={thread.error}
            what={missing ? 'No run names this conversation' : 'The conversation cannot be read'}
            onRetry={() => void thread.refetch()}
          />
        </section>
      ) : (
        <Facts conversation={first?.conversation} />
      )}
      {thread.data !== undefined && (
        <Thread runs={thread.data.pages.flatMap(({ data }) => data.runs)} />
      )}
      {thread.hasNextPage && (
        <button
          type="button"
          className="button"
          disabled={thread.isFetchingNextPage}
          onClick={() => void thread.fetchNextPage()}
        >
          {thread.isFetchingNextPage ? 'Loading…' : 'Go on reading'}
        </button>
      )}
    </Page>
  );
}

function Facts({ conversation }: { readonly conversation: Conversation | undefined }) {
  if (conversation === undefined) {
    return <section className="panel run-facts conversation-facts" aria-busy="true" />;
  }
  const { agents, users, tokens } = conversation;
  return (
    <Figures label="Figures">
      <Figure label="Runs" value={formatCount(conversation.runs)}>
        in {formatPlural(conversation.traces, 'trace')}
        {conversation.failed_runs > 0 && (
          <span className="stop-text">, {formatCount(conversation.failed_runs)} failed</span>
        )}
      </Figure>
      <Figure
        label="Cost"
        value={<Money usd={conversation.cost_usd} unpriced={conversation.calls_unpriced} />}
      >
        {formatPlural(conversation.model_calls, 'model call')}
      </Figure>
      <Figure label="Tokens" value={tokensText(tokens.input, tokens.output)}>
        {tokens.cache_read === null
          ? 'in → out'
          : `${formatCompact(tokens.cache_read)} of the input from cache`}
      </Figure>
      <Figure label="Last run" value={<Time ms={Date.parse(conversation.last)} ago />}>
        the first <Time ms={Date.parse(conversation.first)} ago />
      </Figure>
      <Figure label="Who" value={<Words values={users} shownMax={1} charactersMax={28} />}>
        with <Foreign text={agents.join(', ') || 'unattributed'} charactersMax={60} />
      </Figure>
    </Figures>
  );
}

function Thread({ runs }: { readonly runs: readonly ThreadRun[] }) {
  const cursor = useRowCursor<HTMLDivElement>(runs.length);
  const silent = runs.every(({ messages }) => messages.length === 0);
  return (
    <div className="thread" ref={cursor.ref} onFocus={cursor.onFocus}>
      {silent && (
        <section className="panel">
          <EmptyState title="No messages were captured">
            <p className="quiet">
              Instrumentations leave content out unless asked. With OpenTelemetry’s own:{' '}
              <code className="mono">OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true</code>
            </p>
          </EmptyState>
        </section>
      )}
      {runs.map((said, at) => (
        <RunOfThread
          key={`${said.run.trace_id} ${said.run.run_id}`}
          said={said}
          row={at}
          current={at === cursor.current}
          sameTrace={at > 0 && runs[at - 1]!.run.trace_id === said.run.trace_id}
        />
      ))}
    </div>
  );
}

function RunOfThread(props: {
  readonly said: ThreadRun;
  readonly row: number;
  readonly current: boolean;
  /** It goes on in the trace of the run before. */
  readonly sameTrace: boolean;
}) {
  const { run, messages, truncated } = props.said;
  return (
    <section
      className="panel thread-run"
      aria-label={`Run of ${run.agent ?? 'unattributed'}`}
      data-row={props.row}
      data-current={props.current}
      data-within={props.sameTrace && run.parent_run_id !== null}
    >
      <RunHead run={run} />
      {run.error_message !== null && run.status === 'error' && (
        <p className="thread-error stop-text">
          <Foreign text={run.error_message} charactersMax={400} />
        </p>
      )}
      {messages.length === 0 ? (
        <p className="thread-note faint">
          Nothing that was said in this run was captured:{' '}
          {formatPlural(run.model_calls, 'model call')}, {formatPlural(run.tool_calls, 'tool call')}
          .
        </p>
      ) : (
        <ol>
          {messages.map(({ role, parts, span_id: span }, at) => (
            <MessageTurn
              key={at}
              role={role}
              agent=""
              parts={parts}
              action={
                <Link
                  to="/traces/$traceId"
                  params={{ traceId: run.trace_id }}
                  search={{ span }}
                  className="button small plain"
                >
                  Span
                </Link>
              }
            />
          ))}
        </ol>
      )}
      {truncated && (
        <p className="thread-note faint">
          More was said in this run than is shown; its trace has it all.
        </p>
      )}
    </section>
  );
}

function RunHead({ run }: { readonly run: ThreadRun['run'] }) {
  return (
    <header>
      <h2>
        <Link
          to="/runs/$runId"
          params={{ runId: run.run_id }}
          search={{ trace: run.trace_id }}
          data-row-focus
        >
          <i className="hue agent" aria-hidden="true" />
          <Foreign text={run.agent ?? 'unattributed'} charactersMax={60} />
        </Link>
        {run.status !== 'ok' && <RunStatus status={run.status} />}
      </h2>
      <span className="thread-facts quiet">
        <Time ms={parseTimeMs(run.start_unix_nano)} />
        <span>
          {run.duration_ms === null ? 'no end yet' : formatDuration(run.duration_ms * 1e6)}
        </span>
        <Money usd={run.cost_usd} unpriced={run.calls_unpriced} />
        <Link
          to="/traces/$traceId"
          params={{ traceId: run.trace_id }}
          search={{ span: run.run_id }}
          className="link"
        >
          Trace <span className="mono">{run.trace_id.slice(0, 8)}</span>
        </Link>
      </span>
    </header>
  );
}

import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { createIngestKey, newestTraceQuery, otelStatusQuery } from '../client/connect.ts';
import type { OtelStatus } from '../client/connect.ts';
import { formatPlural, parseTimeMs } from '../format.ts';
import { CodeBlock } from '../parts/CodeBlock.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Page } from '../parts/Page.tsx';
import { Time } from '../parts/Time.tsx';
import { TARGET_GROUPS, snippetFor } from '../connect/targets.ts';
import type { ConnectTarget } from '../connect/targets.ts';
import { demoCommand, environmentLines } from '../snippets.ts';
import type { ConnectAddress } from '../snippets.ts';
import './Connect.css';

const route = getRouteApi('/shell/connect');
const PLACEHOLDER = 'YOUR_INGEST_KEY';

/** From nothing to the first trace: a key, three lines, a few lines of code. */
export function ConnectPage() {
  const status = useQuery(otelStatusQuery);
  const [secret, setSecret] = useState<string>();
  // As this browser reached the server: behind a proxy the server does not know how others do.
  const endpoint = window.location.origin;
  const grpc = grpcEndpointOf(status.data?.grpc_endpoint ?? null);
  const address: ConnectAddress = { endpoint, grpc, key: secret ?? PLACEHOLDER };
  return (
    <Page title="Connect" lead="Point any OpenTelemetry SDK here; agents register themselves.">
      <div className="connect">
        <section className="panel arrival-panel">
          <header>
            <h2>Watch it arrive</h2>
          </header>
          <Arrival status={status.data} endpoint={endpoint} />
        </section>
        <section className="panel">
          <header>
            <h2>1. Make a key</h2>
          </header>
          <KeyMaker secret={secret} onSecret={setSecret} />
        </section>
        <section className="panel">
          <header>
            <h2>2. Set three variables</h2>
          </header>
          <div className="connect-part">
            <CodeBlock code={environmentLines(address)} label="Environment variables" />
            {grpc !== undefined && (
              <p className="faint">
                With gRPC: <code>OTEL_EXPORTER_OTLP_PROTOCOL=grpc</code> and the endpoint{' '}
                <code>{grpc}</code>.
              </p>
            )}
            {secret === undefined && (
              <p className="faint">
                A key made above takes the place of <code>{PLACEHOLDER}</code>.
              </p>
            )}
          </div>
        </section>
        <SnippetPanel address={address} />
      </div>
    </Page>
  );
}

/** The server's port for gRPC, at the host by which this browser reached it. */
function grpcEndpointOf(listening: string | null): string | undefined {
  if (listening === null) return undefined;
  const { protocol, port } = new URL(listening);
  return `${protocol}//${window.location.hostname}:${port}`;
}

function KeyMaker(props: {
  readonly secret: string | undefined;
  readonly onSecret: (secret: string) => void;
}) {
  const [label, setLabel] = useState('my-agent');
  const make = useMutation({
    mutationFn: () => createIngestKey(label.trim()),
    onSuccess: (key) => props.onSecret(key.secret),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  if (props.secret !== undefined) {
    return (
      <div className="connect-part">
        <p>
          This key is shown once. It may only send telemetry, and does not expire until it is
          revoked.
        </p>
        <CodeBlock code={props.secret} label="The new key" />
      </div>
    );
  }
  return (
    <form className="connect-part" onSubmit={submit}>
      <div className="toolbar">
        <label htmlFor="key-label" className="quiet">
          Name
        </label>
        <input
          id="key-label"
          className="input key-label"
          value={label}
          maxLength={128}
          required
          onChange={(event) => setLabel(event.target.value)}
        />
        <button type="submit" className="button primary" disabled={make.isPending}>
          Make a key
        </button>
      </div>
      <p className="faint">
        Name it for what will use it, so that you know later what revoking it stops.
      </p>
      {make.isError && (
        <p className="notice stop" role="alert">
          No key was made: {make.error.message}
        </p>
      )}
    </form>
  );
}

function SnippetPanel({ address }: { readonly address: ConnectAddress }) {
  const { for: chosen = 'signalbox' } = route.useSearch();
  const snippet = snippetFor(chosen, address);
  return (
    <section className="panel" aria-label="Send from your agent">
      <header>
        <h2>3. Send from your agent</h2>
      </header>
      <div className="connect-targets">
        {TARGET_GROUPS.map(({ name, targets }) => (
          <nav key={name} className="segments" aria-label={name}>
            <span className="faint">{name}</span>
            {(Object.keys(targets) as ConnectTarget[]).map((target) => (
              <Link
                key={target}
                to="/connect"
                search={{ for: target }}
                activeOptions={{ exact: true }}
                replace
                {...(target === chosen ? { 'aria-current': 'true' as const } : {})}
              >
                {snippetFor(target, address).title}
              </Link>
            ))}
          </nav>
        ))}
      </div>
      <div className="connect-part">
        {snippet.install !== undefined && (
          <CodeBlock code={snippet.install} label={`Install for ${snippet.title}`} />
        )}
        <p className="faint">In {snippet.where}:</p>
        <CodeBlock code={snippet.code} label={snippet.title} />
        <p className="quiet">{snippet.note}</p>
        {snippet.environment === false && (
          <p className="faint">The three variables are not needed for it.</p>
        )}
      </div>
    </section>
  );
}

function Arrival(props: { readonly status: OtelStatus | undefined; readonly endpoint: string }) {
  const { status, endpoint } = props;
  const last = parseTimeMs(status?.last_received);
  return (
    <div className="connect-part">
      <div role="status">
        <FirstTrace />
      </div>
      {last !== undefined && (
        <p className="faint">
          Telemetry last arrived <Time ms={last} ago />,{' '}
          {formatPlural(status?.executions_24h ?? 0, 'run')} in 24 hours.
        </p>
      )}
      <p className="quiet">No agent at hand? This sends the traffic of a few made-up ones:</p>
      <CodeBlock code={demoCommand(endpoint)} label="The demonstration" />
    </div>
  );
}

/** Waits for a trace that was not there when the page was opened. */
function FirstTrace() {
  const newest = useQuery(newestTraceQuery).data;
  const [before, setBefore] = useState<string | null>();
  if (before === undefined && newest !== undefined) setBefore(newest?.traceId ?? null);
  const isNew = before !== undefined && newest?.traceId !== before;
  if (newest === undefined || newest === null || !isNew) {
    return (
      <p className="arrival">
        <span className="dot caution" aria-hidden="true" />
        Waiting for the first span … This changes by itself when it arrives.
      </p>
    );
  }
  return (
    <p className="arrival">
      <span className="dot clear" aria-hidden="true" />
      Received:{' '}
      <Link to="/traces/$traceId" params={{ traceId: newest.traceId }} className="link">
        <Foreign text={newest.rootName ?? newest.traceId} charactersMax={80} />
      </Link>
      . Its agent waits in <Link to="/discovery">the discovery queue</Link>.
    </p>
  );
}

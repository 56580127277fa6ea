import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { readinessQuery, verifyFile, VERIFIED_BYTES_MAX } from '../client/evidence.ts';
import type { EvidenceVerdict } from '../client/evidence.ts';
import { formatBytes, formatPlural, parseTimeMs } from '../format.ts';
import { CodeBlock } from '../parts/CodeBlock.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { Time } from '../parts/Time.tsx';
import { DEFAULT_DAYS } from './evidence-search.ts';

/** A package is dropped here, and each thing that it claims is computed anew. */
export function EvidenceVerify() {
  const [over, setOver] = useState(false);
  const [name, setName] = useState('');
  const verify = useMutation({ mutationFn: verifyFile });
  const take = (file: File | undefined) => {
    if (file === undefined) return;
    setName(file.name);
    verify.mutate(file);
  };
  return (
    <>
      <section
        className="panel drop"
        aria-label="A package"
        data-over={over}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files[0]);
        }}
      >
        <h2>Drop a package here</h2>
        <p className="quiet">
          One of this page, or of <span className="mono">signalbox export --format eu-ai-act</span>.
          It is checked and not kept.
        </p>
        <label className="button file-button">
          Choose a file
          <input
            type="file"
            className="visually-hidden"
            accept=".json,application/json"
            onChange={(event) => {
              take(event.target.files?.[0]);
              // The same file, changed, can be chosen again.
              event.target.value = '';
            }}
          />
        </label>
      </section>
      <Outcome name={name} verify={verify} />
      <Offline name={name} />
    </>
  );
}

function Outcome(props: {
  readonly name: string;
  readonly verify: {
    readonly isPending: boolean;
    readonly error: Error | null;
    readonly data: EvidenceVerdict | undefined;
    readonly variables: Blob | undefined;
  };
}) {
  const { isPending, error, data, variables } = props.verify;
  if (isPending) return <p className="faint">Computing every hash of {props.name} anew…</p>;
  if (error !== null) {
    const tooLarge = (variables?.size ?? 0) > VERIFIED_BYTES_MAX;
    return (
      <section className="panel" role="alert">
        <div className="state">
          <h2>
            <Foreign text={props.name} charactersMax={100} /> cannot be checked
          </h2>
          <p className="quiet">
            {tooLarge
              ? `It has ${formatBytes(variables!.size)}, and here ${formatBytes(VERIFIED_BYTES_MAX)} are checked at once. The line below checks any size.`
              : error.message}
          </p>
        </div>
      </section>
    );
  }
  return data === undefined ? null : <Verdict verdict={data} name={props.name} />;
}

interface Check {
  readonly ok: boolean | null;
  readonly title: string;
  readonly text: string;
}

function checksOf(verdict: EvidenceVerdict): readonly Check[] {
  const { failures, own_key: own, made_here: made } = verdict;
  const ofChains = failures.filter(({ session_id: id }) => id !== '').length;
  const ofPackage = failures.find(({ session_id: id }) => id === '');
  return [
    {
      ok: ofChains === 0,
      title: 'Each record follows the one before it',
      text:
        ofChains === 0
          ? `${formatPlural(verdict.checked_events, 'record')} in ${formatPlural(verdict.checked_sessions, 'chain')} give the hashes that were signed.`
          : `${formatPlural(ofChains, 'chain is', 'chains are')} broken: what is told of them below was changed, added, moved or taken away.`,
    },
    {
      ok: ofPackage === undefined,
      title: 'The whole is signed',
      text: ofPackage?.reason ?? 'Nothing outside the chains was changed either.',
    },
    {
      ok: own ? true : null,
      title: own ? 'This server’s key signed it' : 'Another key signed it',
      text: own
        ? 'It is the key that this server signs with now.'
        : verdict.public_key === ''
          ? 'It names no key.'
          : 'Compare the key with one that you were given by another way.',
    },
    {
      ok: made === null ? null : made.same !== false,
      title: made === null ? 'The audit log does not know it' : 'The audit log knows it',
      text:
        made === null
          ? 'It was not made by this server, or its signature was changed.'
          : made.same === false
            ? `${made.by} made one with this signature, and this is not that file any more.`
            : `${made.by} made it here, and it is still the same, character for character.`,
    },
  ];
}

function Verdict(props: { readonly verdict: EvidenceVerdict; readonly name: string }) {
  const { verdict, name } = props;
  return (
    <section className="panel" aria-label="The outcome">
      <header className="verdict">
        <h2>{verdict.ok ? 'Nothing was changed' : 'Refused: it was changed'}</h2>
        <span className={`tag ${verdict.ok ? 'clear' : 'stop'}`}>
          {verdict.ok ? 'Intact' : 'Broken'}
        </span>
        <span className="quiet">
          <Foreign text={name} charactersMax={100} />
        </span>
      </header>
      <ol className="checks">
        {checksOf(verdict).map(({ ok, title, text }) => (
          <li key={title}>
            <span
              className={`dot ${ok === null ? '' : ok ? 'clear' : 'stop'}`}
              aria-hidden="true"
            />
            <div>
              <h2>{title}</h2>
              <p className="quiet">{text}</p>
            </div>
          </li>
        ))}
      </ol>
      <Failures verdict={verdict} />
      <About verdict={verdict} />
    </section>
  );
}

function Failures({ verdict }: { readonly verdict: EvidenceVerdict }) {
  if (verdict.failures.length === 0) return null;
  return (
    <ol className="failures" aria-label="What does not hold">
      {verdict.failures.map(({ session_id: id, seq, event_id: event, reason }) => (
        <li key={`${id} ${seq} ${reason}`}>
          <span className="mono">
            {id === '' ? 'the package' : <Foreign text={id} charactersMax={60} />}
          </span>
          <span className="quiet">
            {seq > 0 && `record ${seq} `}
            {event !== '' && <Foreign className="mono" text={event} charactersMax={40} />}
          </span>
          <span>
            <Foreign text={reason} charactersMax={300} />
          </span>
        </li>
      ))}
      {verdict.failures.length < verdict.failures_total && (
        <li className="faint">and {verdict.failures_total - verdict.failures.length} more</li>
      )}
    </ol>
  );
}

function About({ verdict }: { readonly verdict: EvidenceVerdict }) {
  const { about, public_key: publicKey, sha256 } = verdict;
  return (
    <dl className="facts evidence-facts">
      {about.exported_at !== '' && (
        <>
          <dt>Says it was made</dt>
          <dd>
            <Time ms={parseTimeMs(about.exported_at)} />
          </dd>
        </>
      )}
      {about.from !== '' && (
        <>
          <dt>Of</dt>
          <dd>
            <Foreign text={`${about.from.slice(0, 10)} to ${about.to.slice(0, 10)}`} />
            {about.agent !== null && (
              <>
                , <Foreign text={about.agent} charactersMax={100} />
              </>
            )}
          </dd>
        </>
      )}
      <dt>Key</dt>
      <dd className="mono digest">
        <Foreign text={publicKey === '' ? '—' : publicKey} charactersMax={200} />
      </dd>
      <dt>SHA-256</dt>
      <dd className="mono digest">{sha256}</dd>
    </dl>
  );
}

/** The same check by the same rules, without this server. */
function Offline({ name }: { readonly name: string }) {
  const readiness = useQuery(readinessQuery(DEFAULT_DAYS));
  const file = /^[\w.-]+$/.test(name) ? name : 'FILE';
  const key = readiness.data?.public_key ?? 'KEY';
  return (
    <section className="panel offline" aria-label="Without this server">
      <h2>Without this server</h2>
      <p className="quiet">
        The same rules, on a machine that you trust; the key is the one that you were given.
      </p>
      <CodeBlock
        label="Verify offline"
        code={`signalbox verify --from-export ${file} --public-key ${key}`}
      />
    </section>
  );
}

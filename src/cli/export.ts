import { closeSync, openSync, writeSync } from 'node:fs';

import { AppError } from '../errors.ts';
import { otlpTargetOf, parseHeaderLine } from '../exporter/otlp-target.ts';
import type { OtlpTarget, Protocol } from '../exporter/otlp-target.ts';
import { sendOtlp, traceRequest } from '../exporter/send-otlp.ts';
import type { Signal } from '../model/signal.ts';
import { writeResourceSpans } from '../otlp/write-traces.ts';
import { spanBatchesOf } from '../session/export-traces.ts';
import type { ReadProblems, Session } from '../session/read-session.ts';
import { parseSince, parseUntil, selectSessions } from '../session/select-sessions.ts';
import type { SpanStyleName } from '../session/span-style.ts';
import { foldersOf, sessionCount } from './session-place.ts';
import type { Environment, PlaceFlags } from './session-place.ts';
import { productVersion } from './version.ts';

export const EXPORT_FORMATS = ['otlp', 'otlp-genai', 'json', 'csv', 'eu-ai-act'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportFlags extends PlaceFlags {
  readonly format: ExportFormat;
  readonly semconv?: 'latest';
  readonly endpoint?: string;
  readonly header?: readonly string[];
  readonly protocol?: Protocol;
  readonly serviceName: string;
  readonly since?: string;
  readonly until?: string;
  readonly all?: true;
  readonly output?: string;
  readonly scores?: true;
  readonly metrics?: true;
  readonly backend?: 'otlp' | 'langfuse';
  readonly metricPrefix: string;
  readonly langfuseHost?: string;
  readonly langfusePublicKey?: string;
  readonly langfuseSecretKey?: string;
  readonly retentionDays?: number;
  readonly systemDescription?: string;
  readonly intendedPurpose?: string;
  readonly digests?: true;
}

/** What was exported and what became of it; its exit code is 0 when all was taken. */
export interface ExportOutcome {
  readonly sessions: number;
  readonly items: string;
  readonly accepted: number;
  readonly rejected: number;
  readonly unanswered: number;
  readonly messages: readonly string[];
}

export function chosenSessions(
  id: string | undefined,
  flags: Pick<ExportFlags, 'since' | 'until' | 'all' | 'dir'>,
  env: Environment,
): Session[] {
  const now = Date.now();
  return selectSessions(foldersOf(flags, env), {
    id,
    all: flags.all,
    sinceMs: flags.since === undefined ? undefined : parseSince(flags.since, now),
    untilMs: flags.until === undefined ? undefined : parseUntil(flags.until, now),
  });
}

/** `signalbox export`. */
export async function exportSessions(
  id: string | undefined,
  flags: ExportFlags,
  env: Environment,
): Promise<void> {
  const sessions = chosenSessions(id, flags, env);
  if (sessions.length === 0) throw new AppError('NOT_FOUND', 'there are no sessions of that time');
  const problems: ReadProblems = { unreadable: 0, unknownTypes: new Map() };
  if (flags.scores || flags.backend === 'langfuse') {
    const { exportToLangfuse } = await import('./export-langfuse.ts');
    report(await exportToLangfuse(sessions, flags, env));
  } else if (flags.metrics) {
    const { exportMetrics } = await import('./export-metrics.ts');
    await exportMetrics(sessions, flags, env);
  } else if (flags.format === 'otlp' || flags.format === 'otlp-genai') {
    await exportTraces(sessions, flags, { env, problems });
  } else {
    const { exportDocument } = await import('./export-document.ts');
    exportDocument(sessions, flags, { env, problems });
  }
  if (problems.unreadable > 0)
    console.error(`${problems.unreadable} lines could not be read and were left out.`);
}

async function exportTraces(
  sessions: readonly Session[],
  flags: ExportFlags,
  { env, problems }: { readonly env: Environment; readonly problems: ReadProblems },
): Promise<void> {
  const style: SpanStyleName =
    flags.format === 'otlp-genai' && flags.semconv === 'latest'
      ? 'latest'
      : (flags.format as SpanStyleName);
  const batches = spanBatchesOf(
    sessions,
    foldersOf(flags, env),
    { style, serviceName: flags.serviceName, productVersion: productVersion() },
    problems,
  );
  const target = flags.output === undefined ? targetOf('traces', flags, env) : undefined;
  if (target === undefined) {
    writeText(flags.output, traceDocument());
    return;
  }
  const counts = { accepted: 0, rejected: 0, unanswered: 0 };
  const messages = new Set<string>();
  for (const batch of batches) {
    const result = await sendOtlp(target, traceRequest([batch]));
    const spans = batch.spans.length;
    if (result.message !== '') messages.add(result.message);
    if (result.kind === 'unanswered') {
      counts.unanswered += spans;
      break;
    }
    const rejected = result.kind === 'refused' ? spans : Math.min(result.rejected, spans);
    counts.rejected += rejected;
    counts.accepted += spans - rejected;
    // What is refused once, a wrong key or a wrong path, is refused for the rest as well.
    if (result.kind === 'refused') break;
  }
  report({ sessions: sessions.length, items: 'spans', ...counts, messages: [...messages] });

  /** One request, written as it comes. */
  function* traceDocument(): Generator<string> {
    yield '{"resourceSpans":[';
    let separator = '';
    for (const batch of batches) {
      yield separator + writeResourceSpans(batch);
      separator = ',';
    }
    yield ']}\n';
  }
}

export function targetOf(
  signal: Signal,
  flags: ExportFlags,
  env: Environment,
): OtlpTarget | undefined {
  const options = {
    endpoint: flags.endpoint,
    headers: Object.fromEntries((flags.header ?? []).map(parseHeaderLine)),
    protocol: flags.protocol,
  };
  return otlpTargetOf(signal, options, env);
}

/** To a file, or to standard output without a name or with `-`. */
export function writeText(output: string | undefined, parts: Iterable<string>): void {
  const named = output !== undefined && output !== '-';
  const file = named ? openSync(output, 'w', 0o600) : 1;
  for (const part of parts) {
    const bytes = Buffer.from(part, 'utf8');
    let at = 0;
    while (at < bytes.length) {
      try {
        at += writeSync(file, bytes, at);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // Whoever reads had enough, as `head` does.
        if (code === 'EPIPE') return;
        // A pipe that is full.
        if (code !== 'EAGAIN') throw error;
      }
    }
  }
  if (named) {
    closeSync(file);
    console.error(`Wrote ${output}.`);
  }
}

/** Says what became of an export, and sets the exit code: 1 when something was rejected, 2 when nobody answered. */
export function report(outcome: ExportOutcome): void {
  const { sessions, items, accepted, rejected, unanswered, messages } = outcome;
  for (const message of messages) console.error(message);
  const told = [`${accepted} ${items} accepted`];
  if (rejected > 0) told.push(`${rejected} rejected`);
  if (unanswered > 0) told.push(`${unanswered} not taken`);
  console.error(`Exported ${sessionCount(sessions)}: ${told.join(', ')}.`);
  if (unanswered > 0) process.exitCode = 2;
  else if (rejected > 0) process.exitCode = 1;
}

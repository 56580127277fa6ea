import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { AppError } from '../errors.ts';
import { formatDollars, toDollars } from '../model/money.ts';
import { isoOf } from '../session/evidence-package.ts';
import { findSession, listSessions, readEvents, readLines } from '../session/read-session.ts';
import type { Session } from '../session/read-session.ts';
import { parseSince, parseUntil, topSessions } from '../session/select-sessions.ts';
import { asText, numberIn, textIn } from '../session/session-event.ts';
import type { SessionEvent } from '../session/session-event.ts';
import { costOf, metricsOf, summarizeSession } from '../session/session-summary.ts';
import { isCorrection } from '../session/usage-correction.ts';
import type { SessionSummary } from '../session/session-summary.ts';
import { treeOf } from '../session/session-tree.ts';
import type { TreeNode } from '../session/session-tree.ts';
import { foldersOf, shortId } from './session-place.ts';
import type { Environment, PlaceFlags } from './session-place.ts';
import { oneLine } from './terminal.ts';

interface ListFlags extends PlaceFlags {
  readonly since?: string;
  readonly until?: string;
  readonly json?: true;
}

const LINE_MAX = 160;

/** Nothing of a recorded text may steer the terminal, and it takes one line. */
const line = (text: string): string => {
  const plain = oneLine(text);
  return plain.length > LINE_MAX ? `${plain.slice(0, LINE_MAX)}…` : plain;
};

function figuresOf(session: Session, summary: SessionSummary): object {
  const { meta } = session;
  return {
    session_id: session.id,
    agent_name: meta.agent_name,
    provider: meta.provider,
    source: meta.source,
    parent_session_id: meta.parent_session_id === '' ? null : meta.parent_session_id,
    started_at: isoOf(summary.startNs),
    ended_at: summary.ended ? isoOf(summary.endNs) : null,
    duration_s: metricsOf(summary).duration,
    events: summary.events,
    prompts: summary.prompts,
    tool_calls: summary.toolCalls,
    model_calls: summary.modelCalls,
    errors: summary.errors,
    input_tokens: summary.inputTokens,
    output_tokens: summary.outputTokens,
    cost_usd: summary.cost === null ? null : toDollars(summary.cost),
    unreadable_lines: summary.problems.unreadable,
  };
}

const costText = ({ cost: amount }: SessionSummary): string =>
  amount === null ? '–' : `$${formatDollars(amount)}`;

const durationText = (summary: SessionSummary): string => {
  const seconds = metricsOf(summary).duration!;
  return seconds < 60
    ? `${seconds.toFixed(1)}s`
    : `${Math.floor(seconds / 60)}m${Math.round(seconds % 60)}s`;
};

/** `signalbox sessions list`. */
export function listRecorded(flags: ListFlags, env: Environment): void {
  const now = Date.now();
  const since = flags.since === undefined ? -Infinity : parseSince(flags.since, now);
  const until = flags.until === undefined ? Infinity : parseUntil(flags.until, now);
  const folders = foldersOf(flags, env);
  const rows = listSessions(folders)
    .filter(({ meta }) => {
      const startMs = Number(BigInt(meta.started_at_ns) / 1_000_000n);
      return startMs >= since && startMs <= until;
    })
    .map((session) => ({ session, summary: summarizeSession(session) }));
  if (flags.json) {
    console.log(JSON.stringify(rows.map(({ session, summary }) => figuresOf(session, summary))));
    return;
  }
  if (rows.length === 0) console.error(`There are no sessions in ${folders.root}.`);
  for (const { session, summary } of rows) {
    const cells = [
      session.id,
      isoOf(summary.startNs).slice(0, 19),
      line(session.meta.agent_name).padEnd(14),
      durationText(summary).padStart(8),
      `${summary.toolCalls} tools`,
      `${summary.errors} errors`,
      costText(summary),
    ];
    console.log(cells.join('  '));
  }
}

export type ShowVerb = 'show' | 'replay' | 'tree' | 'stats' | 'cost';

/** `signalbox sessions show`, `replay`, `tree`, `stats` and `cost`. */
export function showRecorded(
  verb: ShowVerb,
  word: string | undefined,
  flags: PlaceFlags & { readonly json?: true },
  env: Environment,
): void {
  const folders = foldersOf(flags, env);
  const session = findSession(folders, word);
  switch (verb) {
    case 'show':
      show(session, flags.json === true);
      return;
    case 'replay':
      replay(session, flags.json === true);
      return;
    case 'tree':
      tree(session, listSessions(folders), flags.json === true);
      return;
    case 'stats':
      stats(session, flags.json === true);
      return;
    case 'cost':
      cost(session, flags.json === true);
  }
}

function show(session: Session, json: boolean): void {
  const summary = summarizeSession(session);
  const notes = annotationsOf(session);
  const figures = {
    ...figuresOf(session, summary),
    files_written: summary.filesWritten,
    annotations: notes,
  };
  if (json) console.log(JSON.stringify(figures));
  else {
    for (const [name, value] of Object.entries(figures)) {
      if (name !== 'annotations') console.log(`${name.padEnd(18)} ${line(asText(value) || '–')}`);
    }
    for (const note of notes) console.log(`note               ${line(note)}`);
  }
  tellProblems(summary);
}

function tellProblems({ problems }: SessionSummary): void {
  if (problems.unreadable > 0) console.error(`${problems.unreadable} lines could not be read.`);
  for (const [type, times] of problems.unknownTypes) {
    console.error(
      `${times} events are of the type ${JSON.stringify(type)}, which this version does not know.`,
    );
  }
}

function annotationsOf(session: Session): string[] {
  try {
    return [...readLines(join(session.directory, 'annotations.jsonl'))].map(({ text }) => {
      const note = JSON.parse(text) as { at: string; by: string; note: string };
      return `${note.at} ${note.by}: ${note.note}`;
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function textOfEvent({ data, type }: SessionEvent): string {
  const tool = textIn(data, 'tool_name');
  switch (type) {
    case 'tool_call':
      return `${tool} ${asText(data['arguments'])}`;
    case 'tool_result':
      return `${tool} → ${asText(data['result'])}`;
    case 'llm_response':
      return `${textIn(data, 'model')} ${numberIn(data, 'input_tokens') ?? '?'} → ${numberIn(data, 'output_tokens') ?? '?'} tokens`;
    default:
      return ['prompt', 'text', 'error', 'path', 'decision', 'model', 'reason', 'source']
        .map((key) => textIn(data, key))
        .filter((text) => text !== '')
        .join(' ');
  }
}

function replay(session: Session, json: boolean): void {
  const problems = { unreadable: 0, unknownTypes: new Map<string, number>() };
  let startNs: bigint | undefined;
  for (const event of readEvents(session, problems)) {
    startNs ??= event.timeNs;
    if (json) {
      const { timeNs, ...rest } = event;
      console.log(JSON.stringify({ ...rest, timeNs: String(timeNs) }));
      continue;
    }
    const seconds = (Number(event.timeNs - startNs) / 1e9).toFixed(3).padStart(10);
    console.log(`${seconds}s  ${event.type.padEnd(18)} ${line(textOfEvent(event))}`);
  }
  if (problems.unreadable > 0) console.error(`${problems.unreadable} lines could not be read.`);
}

function tree(session: Session, all: readonly Session[], json: boolean): void {
  const root = treeOf(session, all);
  if (json) {
    console.log(JSON.stringify(root));
    return;
  }
  const print = (node: TreeNode, indent: string): void => {
    const failed = node.failed ? ' ✗' : '';
    console.log(`${indent}${node.kind === 'session' ? '●' : '·'} ${line(node.name)}${failed}`);
    for (const child of node.children) print(child, `${indent}  `);
  };
  print(root, '');
}

function stats(session: Session, json: boolean): void {
  const summary = summarizeSession(session);
  const figures = {
    ...figuresOf(session, summary),
    retries: summary.retries,
    error_rate: metricsOf(summary).error_rate ?? null,
    retry_rate: metricsOf(summary).retry_rate ?? null,
    blast_radius: summary.filesWritten.length,
    cache_read_tokens: summary.cacheReadTokens,
    cache_write_tokens: summary.cacheWriteTokens,
    models: summary.models,
    tools: Object.fromEntries([...summary.tools].sort(([, a], [, b]) => b - a)),
    files_written: summary.filesWritten,
  };
  if (json) console.log(JSON.stringify(figures));
  else
    for (const [name, value] of Object.entries(figures))
      console.log(`${name.padEnd(18)} ${line(asText(value) || '–')}`);
  tellProblems(summary);
}

function cost(session: Session, json: boolean): void {
  const rows = new Map<
    string,
    { calls: number; input: number; output: number; cost: bigint; unpriced: number }
  >();
  for (const event of readEvents(session)) {
    if (event.type !== 'llm_response') continue;
    const model = textIn(event.data, 'model') || 'unknown';
    const row = rows.get(model) ?? { calls: 0, input: 0, output: 0, cost: 0n, unpriced: 0 };
    const { amount } = costOf(event);
    rows.set(model, {
      calls: row.calls + (isCorrection(event.data) ? 0 : 1),
      input: row.input + (numberIn(event.data, 'input_tokens') ?? 0),
      output: row.output + (numberIn(event.data, 'output_tokens') ?? 0),
      cost: row.cost + (amount ?? 0n),
      unpriced: row.unpriced + (amount === null && !isCorrection(event.data) ? 1 : 0),
    });
  }
  const summary = summarizeSession(session);
  const models = [...rows].map(([model, row]) => ({
    model,
    calls: row.calls,
    input_tokens: row.input,
    output_tokens: row.output,
    cost_usd: row.unpriced === row.calls ? null : toDollars(row.cost),
    calls_without_price: row.unpriced,
  }));
  if (json) {
    const total = summary.cost === null ? null : toDollars(summary.cost);
    console.log(JSON.stringify({ session_id: session.id, cost_usd: total, models }));
    return;
  }
  if (models.length === 0)
    console.error(
      'The session tells of no model call, so its cost is unknown; hooks alone do not say, `signalbox import` reads what does.',
    );
  for (const {
    model,
    calls,
    input_tokens: input,
    output_tokens: output,
    cost_usd: usd,
  } of models) {
    console.log(
      `${line(model).padEnd(32)} ${calls} calls  ${input} → ${output} tokens  ${usd === null ? 'no price known' : `$${usd}`}`,
    );
  }
  if (models.length > 0) console.log(`${'total'.padEnd(32)} ${costText(summary)}`);
}

/** `signalbox sessions annotate`: beside the record, which does not change. */
export function annotate(
  word: string,
  note: string,
  flags: PlaceFlags & { readonly event?: string; readonly by?: string },
  env: Environment,
): void {
  const session = findSession(foldersOf(flags, env), word);
  if (session.foreign)
    throw new AppError('VALIDATION_ERROR', `${session.id} is agent-strace's, which is read only`);
  const entry = {
    at: new Date().toISOString(),
    by: flags.by ?? env['USER'] ?? 'unknown',
    note,
    ...(flags.event === undefined ? {} : { event_id: flags.event }),
  };
  appendFileSync(join(session.directory, 'annotations.jsonl'), `${JSON.stringify(entry)}\n`, {
    mode: 0o600,
  });
  console.error(`Noted on ${shortId(session)}.`);
}

/** `signalbox sessions prune`. Sub-agents' sessions go with the one that started them. */
export function prune(
  flags: PlaceFlags & { readonly olderThan: string; readonly dryRun?: true; readonly json?: true },
  env: Environment,
): void {
  const before = parseSince(flags.olderThan, Date.now());
  const sessions = listSessions(foldersOf(flags, env)).filter(({ foreign }) => !foreign);
  const old = new Set(
    topSessions(sessions)
      .filter(({ meta }) => Number(BigInt(meta.started_at_ns) / 1_000_000n) < before)
      .map(({ id }) => id),
  );
  for (let grown = true; grown;) {
    const size = old.size;
    for (const { id, meta } of sessions) if (old.has(meta.parent_session_id)) old.add(id);
    grown = old.size > size;
  }
  const going = sessions.filter(({ id }) => old.has(id));
  if (!flags.dryRun) for (const { directory } of going) rmSync(directory, { recursive: true });
  if (flags.json) console.log(JSON.stringify(going.map(({ id }) => id)));
  else for (const { id } of going) console.log(id);
  console.error(`${going.length} sessions ${flags.dryRun ? 'would be' : 'were'} deleted.`);
}

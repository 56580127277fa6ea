import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { AppError } from '../errors.ts';
import { toDollars } from '../model/money.ts';
import { readEventLines, readHead, readNextHead } from './read-session.ts';
import type { Session } from './read-session.ts';
import { asText, genesisOf, numberIn, objectIn, present, textIn } from './session-event.ts';
import type { SessionEvent } from './session-event.ts';
import { costOf, SessionCounter } from './session-summary.ts';
import type { SessionSummary } from './session-summary.ts';
import { signPackage } from '../base/hash-chain.ts';
import type { SigningKey } from '../base/signing-key.ts';
import type { Json, JsonObject, SignedHead } from '../base/verifier.ts';
import { verifySession } from './verify-session.ts';

/**
 * Evidence of what agents did, for a reviewer who has nothing but the file: a reading of the log for Articles 12 and 13
 * of Regulation (EU) 2024/1689, the records themselves, and what it takes to recompute every hash.
 */
export interface EvidenceOptions {
  readonly key: SigningKey;
  readonly productVersion: string;
  readonly exportedAt: string;
  readonly retentionDays: number | undefined;
  readonly systemDescription: string;
  readonly intendedPurpose: string;
  /** Leave the content out and its hashes in, so that it can be erased elsewhere without breaking the proof. */
  readonly digestsOnly: boolean;
}

/** A package is signed as a whole and must fit a text of the runtime. */
const EVENT_BYTES_MAX = 160 * 1024 * 1024;
const SUMMARY_MAX = 240;

const STATEMENT =
  'This file shows what was recorded and that it was not changed since. It is evidence for record-keeping and transparency, not a declaration of conformity, and the regulation asks for more than logs.';

export function createEvidencePackage(
  sessions: readonly Session[],
  options: EvidenceOptions,
): JsonObject {
  requireModerateSize(sessions);
  const parts = sessions.map((session) => sessionEvidence(session, options));
  const content: JsonObject = {
    compliance_metadata: {
      regulation: 'EU AI Act (Regulation (EU) 2024/1689)',
      articles_covered: ['Article 12', 'Article 13'],
      export_tool: 'signalbox',
      export_version: options.productVersion,
      exported_at: options.exportedAt,
      // As verified now, not as hoped.
      tamper_evident: parts.every(({ intact }) => intact),
      content: options.digestsOnly ? 'digests' : 'included',
      session_count: parts.length,
      statement: STATEMENT,
    },
    article_12: {
      logging_obligations: parts.map(({ id, article12 }) => {
        const { events: _events, ...rest } = article12;
        return { session_id: id, ...rest };
      }),
    },
    article_13: {
      transparency_documentation: parts.map(({ id, article13 }) => ({
        session_id: id,
        ...article13,
      })),
    },
    sessions: parts.map(({ evidence }) => evidence),
    public_key: options.key.publicKey,
  };
  return signPackage(options.key, content);
}

function requireModerateSize(sessions: readonly Session[]): void {
  const bytes = sessions.reduce((sum, { directory }) => {
    const path = join(directory, 'events.ndjson');
    return sum + (existsSync(path) ? statSync(path).size : 0);
  }, 0);
  if (bytes <= EVENT_BYTES_MAX) return;
  throw new AppError(
    'BODY_TOO_LARGE',
    `these sessions are ${Math.round(bytes / 1e6)} MB and a package holds up to ${Math.round(EVENT_BYTES_MAX / 1e6)} MB; export them in parts, by --since and --until or by id`,
  );
}

interface SessionPart {
  readonly id: string;
  readonly intact: boolean;
  readonly article12: JsonObject;
  readonly article13: JsonObject;
  readonly evidence: JsonObject;
}

function sessionEvidence(session: Session, options: EvidenceOptions): SessionPart {
  const { id, meta } = session;
  const verdict = verifySession(session, options.key.publicKey);
  const reading = new EvidenceReading(session, options.digestsOnly);
  for (const line of readEventLines(session)) reading.add(line.raw, line.event);
  const head = headOf(session, verdict.total_events);
  const { summary, events, records, ...found } = reading.result();
  const article12: JsonObject = {
    system_id: meta.agent_name,
    generation_timestamp: options.exportedAt,
    trace_integrity: {
      hash_chain_valid: verdict.ok,
      root_hash: head?.hash ?? null,
      event_count: verdict.total_events,
      broken_at: verdict.broken_at,
      broken_event_id: verdict.broken_event_id,
      broken_reason: verdict.reason === '' ? null : verdict.reason,
      unreadable_lines: summary.problems.unreadable,
      verification_command: 'signalbox verify --from-export FILE',
    },
    events,
    data_categories_processed: found.categories,
    retention_period_days: options.retentionDays ?? null,
  };
  const article13: JsonObject = {
    system_description:
      options.systemDescription || `Coding agent ${meta.agent_name}, recorded by ${meta.source}`,
    intended_purpose: options.intendedPurpose || null,
    capabilities_summary: {
      tools_available: found.toolsAvailable,
      tools_used: [...summary.tools.keys()].sort(),
      models_used: [...summary.models].sort(),
      frameworks_detected: found.frameworks,
    },
    usage: usageOf(summary),
    human_oversight_points: found.oversight,
    limitations: found.limitations,
  };
  return {
    id,
    intact: verdict.ok === true,
    article12,
    article13,
    evidence: {
      session_id: id,
      session_start: isoOf(summary.startNs),
      session_end: summary.ended ? isoOf(summary.endNs) : null,
      agent_name: meta.agent_name,
      article_12: article12,
      article_13: article13,
      integrity: {
        genesis: genesisOf(meta) as unknown as JsonObject,
        head: (head ?? null) as unknown as Json,
        records,
      },
    },
  };
}

/** The head that fits the events, without what only the writer needs. */
function headOf(session: Session, events: number): SignedHead | undefined {
  const next = readNextHead(session);
  const head = next !== undefined && next.count === events ? next : readHead(session);
  if (head === undefined) return undefined;
  const { count, hash, public_key, signature } = head;
  return { count, hash, public_key, signature };
}

function usageOf(summary: SessionSummary): JsonObject {
  return {
    model_calls: summary.modelCalls,
    tool_calls: summary.toolCalls,
    input_tokens: summary.inputTokens,
    output_tokens: summary.outputTokens,
    cost_usd: summary.cost === null ? null : toDollars(summary.cost),
    calls_without_price: summary.callsUnpriced,
    files_written: summary.filesWritten.length,
  };
}

export const isoOf = (ns: bigint): string => {
  const digits = String(ns % 1_000_000_000n).padStart(9, '0');
  return `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19)}.${digits}Z`;
};

const CATEGORY: Readonly<Record<string, string>> = {
  user_prompt: 'prompt_content',
  llm_request: 'prompt_content',
  assistant_response: 'model_output',
  llm_response: 'model_output',
  tool_call: 'tool_io',
  tool_result: 'tool_io',
  file_read: 'file_content',
  file_write: 'file_content',
  error: 'error_log',
};

/** What people and guards decided, by the word in a `decision` event. */
const OVERSIGHT: Readonly<Record<string, string>> = {
  denied: 'HUMAN_DENIAL',
  approved: 'HUMAN_APPROVAL',
  interrupted: 'HUMAN_INTERRUPTION',
  policy_intervention: 'POLICY_INTERVENTION',
  watchdog: 'WATCHDOG_POSTMORTEM',
};

class EvidenceReading {
  readonly #counter: SessionCounter;
  readonly #digestsOnly: boolean;
  readonly #provider: string;
  readonly #problems = { unreadable: 0, unknownTypes: new Map<string, number>() };
  readonly #events: JsonObject[] = [];
  readonly #records: JsonObject[] = [];
  readonly #categories = new Set<string>();
  readonly #oversight: JsonObject[] = [];
  readonly #available = new Set<string>();
  readonly #servers = new Set<string>();
  readonly #failing = new Set<string>();
  #tellsTools = false;
  #contextResets = 0;

  constructor(session: Session, digestsOnly: boolean) {
    this.#digestsOnly = digestsOnly;
    this.#provider = session.meta.agent_name;
    this.#counter = new SessionCounter(BigInt(session.meta.started_at_ns), this.#problems);
  }

  add(raw: JsonObject | undefined, event: SessionEvent | undefined): void {
    if (raw === undefined || event === undefined) {
      this.#problems.unreadable += 1;
      return;
    }
    const { data: _data, ...bound } = raw;
    this.#records.push(this.#digestsOnly ? bound : raw);
    this.#counter.add(event);
    this.#events.push(this.#entryOf(raw, event));
    const category = CATEGORY[event.type];
    if (category !== undefined) this.#categories.add(category);
    this.#noteCapabilities(event);
    this.#noteOversight(event);
  }

  #entryOf(raw: JsonObject, event: SessionEvent): JsonObject {
    const { data } = event;
    const [input, output] = summariesOf(event);
    const shown = (text: string): Json => {
      if (text === '') return null;
      return this.#digestsOnly
        ? `sha256 of the data: ${textIn(raw, 'data_hash')}`
        : text.slice(0, SUMMARY_MAX);
    };
    const cost = event.type === 'llm_response' ? costOf(event).amount : null;
    return {
      seq: event.seq,
      timestamp: isoOf(event.timeNs),
      event_type: event.type,
      event_id: event.id,
      tool_name: textIn(data, 'tool_name') || null,
      input_summary: shown(input),
      output_summary: shown(output),
      duration_ms: event.durationMs ?? null,
      cost_usd: cost === null ? null : toDollars(cost),
      prev_hash: textIn(raw, 'prev_hash') || null,
      line_hash: textIn(raw, 'hash') || null,
    };
  }

  #noteCapabilities({ data, type }: SessionEvent): void {
    const tool = textIn(data, 'tool_name');
    const server = /^mcp__(.+?)__/.exec(tool)?.[1];
    if (server !== undefined) this.#servers.add(`mcp:${server}`);
    if (type === 'tool_result') this.#failing.delete(tool);
    if (type === 'error' && tool !== '') this.#failing.add(tool);
    const tools = data['tools_available'];
    if (Array.isArray(tools)) {
      this.#tellsTools = true;
      for (const name of tools as readonly Json[])
        if (typeof name === 'string') this.#available.add(name);
    }
  }

  #noteOversight({ data, type, timeNs }: SessionEvent): void {
    const decision = textIn(data, 'decision');
    if (type === 'decision' && decision === 'compaction') this.#contextResets += 1;
    const kind =
      type === 'error' ? 'ERROR_RECORDED' : type === 'decision' ? OVERSIGHT[decision] : undefined;
    if (kind === undefined) return;
    const { decision: _decision, error, ...rest } = data;
    const told = present({ ...rest, error: asText(error) });
    const detail = this.#digestsOnly
      ? textIn(data, 'tool_name')
      : asText(told).slice(0, SUMMARY_MAX);
    this.#oversight.push({ timestamp: isoOf(timeNs), type: kind, detail });
  }

  result() {
    const summary = this.#counter.summary();
    return {
      summary,
      events: this.#events,
      records: this.#records,
      categories: [...this.#categories].sort(),
      oversight: this.#oversight,
      // Null where nobody said which tools there were: that is not the same as those that were used.
      toolsAvailable: this.#tellsTools ? [...this.#available].sort() : null,
      frameworks: [this.#provider, ...[...this.#servers].sort()],
      limitations: {
        context_resets: this.#contextResets,
        errors_encountered: summary.errors,
        unresolved_failures: [...this.#failing].sort(),
        unknown_event_types: Object.fromEntries(summary.problems.unknownTypes),
      },
    };
  }
}

/** What went in and what came out, in words. */
function summariesOf({ data, type }: SessionEvent): readonly [string, string] {
  switch (type) {
    case 'user_prompt':
      return [textIn(data, 'prompt'), ''];
    case 'tool_call':
      return [asText(objectIn(data, 'arguments')), ''];
    case 'tool_result':
      return ['', asText(data['result'])];
    case 'assistant_response':
      return ['', textIn(data, 'text')];
    case 'llm_response': {
      const tokens = [numberIn(data, 'input_tokens'), numberIn(data, 'output_tokens')];
      return [
        '',
        `${textIn(data, 'model')} ${tokens.map((count) => count ?? '?').join(' → ')} tokens`,
      ];
    }
    case 'error':
      return ['', textIn(data, 'error')];
    case 'file_read':
    case 'file_write':
      return [textIn(data, 'path'), ''];
    default:
      return [Object.keys(data).length === 0 ? '' : asText(data), ''];
  }
}

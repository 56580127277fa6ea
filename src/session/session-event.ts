import type { Json, JsonObject } from '../base/verifier.ts';

/** What can happen in a session. The names are those of agent-strace, whose files are read too. */
export const EVENT_TYPES = [
  'session_start',
  'session_end',
  'user_prompt',
  'assistant_response',
  'llm_request',
  'llm_response',
  'tool_call',
  'tool_result',
  'file_read',
  'file_write',
  'decision',
  'error',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** An event before it has a place in a chain. */
export interface NewEvent {
  readonly type: EventType;
  /** 16 hex digits, or absent for a random one. */
  readonly id?: string | undefined;
  /** The event that this one belongs to: of a result its call, of a file written the call that wrote it. */
  readonly parentId?: string | undefined;
  /** Nanoseconds since 1970 UTC; absent for now. */
  readonly timeNs?: bigint | undefined;
  readonly durationMs?: number | undefined;
  readonly data: JsonObject;
}

/** An event as it was recorded. */
export interface SessionEvent {
  readonly seq: number;
  readonly id: string;
  /** As recorded; one of `EVENT_TYPES`, or a type of a later version. */
  readonly type: string;
  readonly parentId: string;
  readonly timeNs: bigint;
  readonly durationMs: number | undefined;
  readonly data: JsonObject;
}

/** A line of `events.ndjson`; every key is bound by the hash. */
export interface StoredEvent {
  readonly data?: JsonObject;
  readonly data_hash: string;
  readonly duration_ms?: number;
  readonly event_id: string;
  readonly event_type: string;
  readonly hash: string;
  readonly parent_id: string;
  readonly prev_hash: string;
  readonly seq: number;
  readonly session_id: string;
  readonly timestamp_ns: string;
}

/** The facts of a session that its chain is bound to. */
export interface Genesis {
  readonly agent_name: string;
  readonly format: 1;
  readonly parent_event_id: string;
  readonly parent_session_id: string;
  readonly session_id: string;
  readonly started_at_ns: string;
}

/** `meta.json`. What is not in the genesis may change and is not proven. */
export interface SessionMeta {
  readonly session_id: string;
  readonly agent_name: string;
  readonly started_at_ns: string;
  readonly parent_session_id: string;
  readonly parent_event_id: string;
  /** Which command line was recorded: `claude`, `codex`, `gemini`, `cursor`, `mcp`, or another. */
  readonly provider: string;
  /** How it was captured. */
  readonly source: 'hook' | 'import' | 'record';
  readonly command: string;
  readonly cwd: string;
  readonly redacted: boolean;
  readonly format: 1;
}

export function genesisOf(meta: SessionMeta): Genesis {
  return {
    agent_name: meta.agent_name,
    format: 1,
    parent_event_id: meta.parent_event_id,
    parent_session_id: meta.parent_session_id,
    session_id: meta.session_id,
    started_at_ns: meta.started_at_ns,
  };
}

export const textIn = (data: JsonObject, key: string): string => {
  const value = data[key];
  return typeof value === 'string' ? value : '';
};

/** A count or a size; undefined when it is absent or no number that could be one. */
export const numberIn = (data: JsonObject, key: string): number | undefined => {
  const value = data[key];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
};

export const objectIn = (data: JsonObject, key: string): JsonObject => asObject(data[key]) ?? {};

export function asObject(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** The objects of a list; other members are passed over. */
export function objectsOf(value: Json | undefined): JsonObject[] {
  if (!Array.isArray(value)) return [];
  return value.map((item: Json) => asObject(item)).filter((item) => item !== undefined);
}

/** Without what is unknown. */
export function present(values: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(values).filter(
      (entry): entry is [string, Json] => entry[1] !== undefined && entry[1] !== '',
    ),
  );
}

/** A value as text: texts as they are, other values as JSON. */
export const asText = (value: Json | undefined): string =>
  value === undefined || value === null
    ? ''
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

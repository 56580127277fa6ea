import type { SeverityLevel } from '../../src/model/severity.ts';
import { formatCompact, formatDuration } from './format.ts';
import type { AnyValue, KeyValue } from './span.ts';
import { formatAnyValue } from './span.ts';

/** What of a log record is needed to write it on one line. */
export interface LineSource {
  readonly eventName: string;
  readonly body: AnyValue;
  readonly attributes: readonly KeyValue[];
}

export interface LogLine {
  /** The event's name; '' for a record that is no event. */
  readonly name: string;
  /** The body, or what the attributes of an event say that has none of its own. */
  readonly text: string;
}

/** More is not looked at for one line. */
const CHARACTERS_MAX = 2_000;

/** A record on one line: its event's name, and its body; of an event without a body what matters of its attributes. */
export function logLine(record: LineSource): LogLine {
  const body = record.body;
  const text = bodyText(body);
  const name = nameOf(record.eventName, text);
  const repeated = name !== '' && (text === '' || name.endsWith(text) || text.endsWith(name));
  return { name, text: repeated ? factsOf(record.attributes) : text };
}

/** Coding agents call an event `api_request` and say in the body whose it is: `claude_code.api_request`. */
function nameOf(eventName: string, body: string): string {
  return eventName !== '' && body.endsWith(`.${eventName}`) ? body : eventName;
}

/** A map as `key=value`, what is within it as JSON. */
function bodyText(body: AnyValue, depth = 0): string {
  if (Object.keys(body).length === 0) return '';
  if (body.stringValue !== undefined) {
    return body.stringValue.slice(0, CHARACTERS_MAX).replaceAll(/\s+/g, ' ').trim();
  }
  const fields = body.kvlistValue?.values;
  if (fields !== undefined && depth === 0) {
    const pairs = fields.map(({ key, value }) => `${key}=${bodyText(value ?? {}, 1)}`);
    return pairs.join(' ').slice(0, CHARACTERS_MAX);
  }
  return formatAnyValue(body)
    .replaceAll(/\s*\n\s*/g, ' ')
    .slice(0, CHARACTERS_MAX);
}

type Format = (text: string, values: ReadonlyMap<string, string>) => string | undefined;

const asTold: Format = (text) => text;
const milliseconds: Format = (text) =>
  Number.isFinite(Number(text)) ? formatDuration(Number(text) * 1e6) : undefined;

/** What of an event's attributes is told on its line, in this order; each by the first key that it has. */
const FACTS: readonly (readonly [keys: readonly string[], format: Format])[] = [
  [['tool_name', 'function_name', 'gen_ai.tool.name', 'mcp_server', 'command'], asTold],
  [['model', 'gen_ai.response.model', 'gen_ai.request.model'], asTold],
  [
    ['cost_usd'],
    (text) => (Number.isFinite(Number(text)) ? `$${Number(text).toFixed(4)}` : undefined),
  ],
  [['input_tokens', 'input_token_count', 'gen_ai.usage.input_tokens'], tokens],
  [['decision'], asTold],
  [['success'], (text) => (text === 'true' ? 'succeeded' : 'failed')],
  [['status_code', 'http.response.status_code'], (text) => `status ${text}`],
  [['error', 'error.message', 'error_message', 'exception.message'], asTold],
  [['duration_ms'], milliseconds],
  [['prompt'], asTold],
];

const OUTPUT_KEYS = ['output_tokens', 'output_token_count', 'gen_ai.usage.output_tokens'];

function tokens(input: string, values: ReadonlyMap<string, string>): string {
  const output = OUTPUT_KEYS.map((key) => values.get(key)).find((value) => value !== undefined);
  const count = (text: string | undefined): string =>
    formatCompact(text === undefined || text === '' ? undefined : Number(text));
  return `${count(input)} → ${count(output)} tokens`;
}

const REST_MAX = 4;

function factsOf(attributes: readonly KeyValue[]): string {
  const values = new Map(attributes.map(({ key, value }) => [key, bodyText(value ?? {})] as const));
  const facts = FACTS.flatMap(([keys, format]) => {
    const text = keys.map((key) => values.get(key)).find((value) => (value ?? '') !== '');
    return (text === undefined ? undefined : format(text, values)) ?? [];
  });
  if (facts.length > 0) return facts.join(' · ');
  return [...values]
    .filter(([key]) => key !== 'event.name')
    .slice(0, REST_MAX)
    .map(([key, text]) => `${key}=${text}`)
    .join(' ');
}

/** The colour of a level: only what is wrong has one. */
export const LEVEL_TONES: Readonly<Record<SeverityLevel, 'stop' | 'caution' | 'plain' | 'faint'>> =
  {
    unset: 'faint',
    trace: 'faint',
    debug: 'faint',
    info: 'plain',
    warn: 'caution',
    error: 'stop',
    fatal: 'stop',
  };

/** As it stands in a column five letters wide. */
export function levelWord(record: {
  readonly level: SeverityLevel;
  readonly severityText: string;
}): string {
  return record.level === 'unset' ? record.severityText.slice(0, 5) : record.level;
}

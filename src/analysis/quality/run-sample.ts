import type { RunDetail } from '../../model/run.ts';
import { findCitation } from './citation.ts';
import { invoicesIn } from './invoice.ts';
import type { JsonObject } from './output-json.ts';
import { isFilled, isObject, jsonOf, plainKey } from './output-json.ts';
import { tokensOf } from './outcome-checks.ts';

const FIELDS_MAX = 40;
const DECISION_LENGTH_MAX = 60;
const KEY_LENGTH_MAX = 100;

/** Names of fields that hold a decision (plain keys). */
const DECISION_FIELDS = new Set([
  'decision',
  'verdict',
  'classification',
  'class',
  'label',
  'category',
  'outcome',
  'action',
  'approval',
  'status',
  'priority',
  'intent',
  'route',
  'sentiment',
]);

/** What inference keeps of a run: the shape of its output, not the output. */
export interface RunSample {
  readonly output: 'absent' | 'text' | 'json' | 'object';
  /** Top-level fields with a value, and its type of JSON. */
  readonly fields: Readonly<Record<string, string>>;
  /** Short values of fields whose names say that they are decisions; '' names an output that is one word. */
  readonly decisions: Readonly<Record<string, string>>;
  readonly hasSubtotal: boolean;
  readonly hasTax: boolean;
  readonly cites: boolean;
  readonly durationMs: number | null;
  readonly tokens: number | null;
}

export function sampleOf(detail: RunDetail): RunSample {
  const { output, run } = detail;
  const rest = {
    durationMs: run.durationNs === null ? null : Number(run.durationNs / 1_000_000n),
    tokens: tokensOf(detail),
  };
  if (output === null || output.text.trim() === '') return { ...NOTHING, ...rest };
  const json = jsonOf(output.text);
  const object = isObject(json) ? json : undefined;
  const invoices = json === undefined ? [] : invoicesIn(json);
  return {
    ...rest,
    output: object === undefined ? (json === undefined ? 'text' : 'json') : 'object',
    fields: object === undefined ? {} : fieldTypes(object),
    decisions: object === undefined ? wordOf(output.text) : decisionsOf(object),
    hasSubtotal: invoices.some(({ lines }) => lines !== undefined),
    hasTax: invoices.some(({ tax }) => tax !== undefined),
    cites: findCitation(output.text) !== undefined,
  };
}

const NOTHING = {
  output: 'absent',
  fields: {},
  decisions: {},
  hasSubtotal: false,
  hasTax: false,
  cites: false,
} as const;

function fieldTypes(object: JsonObject): Record<string, string> {
  const filled = Object.entries(object)
    .filter(([key, value]) => key.length <= KEY_LENGTH_MAX && isFilled(value))
    .slice(0, FIELDS_MAX);
  return Object.fromEntries(filled.map(([key, value]) => [key, typeOf(value)]));
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function decisionsOf(object: JsonObject): Record<string, string> {
  const decisions = Object.entries(object).filter(
    (entry): entry is [string, string] =>
      DECISION_FIELDS.has(plainKey(entry[0])) &&
      typeof entry[1] === 'string' &&
      entry[1].length <= DECISION_LENGTH_MAX,
  );
  return Object.fromEntries(decisions);
}

function wordOf(text: string): Record<string, string> {
  const word = text.trim();
  return word.length <= 40 && !/\s\S+\s/.test(word) ? { '': word } : {};
}

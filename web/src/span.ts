import { indentJson } from './indent-json.ts';

/** A span as the API answers it: OTLP/JSON's field names, and the GenAI view beside them. */

export interface AnyValue {
  readonly stringValue?: string | undefined;
  readonly boolValue?: boolean | undefined;
  readonly intValue?: string | number | undefined;
  readonly doubleValue?: number | string | undefined;
  readonly bytesValue?: string | undefined;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] } | undefined;
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] } | undefined;
}

export interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue | undefined;
}

export interface SpanEvent {
  readonly timeUnixNano?: string;
  readonly name?: string;
  readonly attributes?: readonly KeyValue[];
}

export interface SpanLink {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: readonly KeyValue[];
}

export interface GenAiView {
  readonly agent?: string | null;
  readonly operation?: string | null;
  readonly request_model?: string | null;
  readonly response_model?: string | null;
  readonly provider?: string | null;
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly cache_read_tokens?: number | null;
  readonly cache_write_tokens?: number | null;
  readonly reasoning_tokens?: number | null;
  readonly tool_name?: string | null;
  readonly conversation?: string | null;
}

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly KeyValue[];
  readonly events?: readonly SpanEvent[];
  readonly links?: readonly SpanLink[];
  readonly status?: { readonly code?: number; readonly message?: string };
  readonly resource?: { readonly attributes?: readonly KeyValue[]; readonly schemaUrl?: string };
  readonly scope?: {
    readonly name?: string;
    readonly version?: string;
    readonly schemaUrl?: string;
  };
  readonly genai?: GenAiView | null;
}

/** A time in nanoseconds since 1970; 0 where there is none. */
export function readNano(text: string | undefined): bigint {
  return text !== undefined && /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
}

export type SpanHue = 'agent' | 'model' | 'tool' | 'other';

const AGENT_OPERATIONS = new Set(['invoke_agent', 'create_agent', 'invoke_workflow', 'plan']);

/** Which of the three hues a span has, by its GenAI view. */
export function spanHue(
  view: Pick<GenAiView, 'operation' | 'tool_name' | 'request_model' | 'response_model'>,
): SpanHue {
  const operation = view.operation ?? '';
  if (AGENT_OPERATIONS.has(operation)) return 'agent';
  if (operation === 'execute_tool' || present(view.tool_name)) return 'tool';
  if (present(view.request_model) || present(view.response_model)) return 'model';
  return operation === '' ? 'other' : 'model';
}

function present(value: string | null | undefined): boolean {
  return value !== undefined && value !== null && value !== '';
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

export function spanKindName(kind: number | undefined): string {
  return KINDS[kind ?? 0] ?? `kind ${String(kind)}`;
}

export function isFailed(span: Span): boolean {
  return span.status?.code === 2;
}

/** A value as text: strings as they are, everything else as JSON with OTLP's wrappers taken off. */
export function formatAnyValue(value: AnyValue | undefined): string {
  if (value === undefined) return 'null';
  if (value.stringValue !== undefined) return indentJson(value.stringValue);
  const plain = toPlain(value, 0);
  return typeof plain === 'string' ? plain : JSON.stringify(plain, null, 2);
}

const DEPTH_MAX = 64;

function toPlain(value: AnyValue | undefined, depth: number): unknown {
  if (value === undefined) return null;
  if (depth > DEPTH_MAX) return '…';
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.doubleValue !== undefined) return value.doubleValue;
  if (value.bytesValue !== undefined) return `base64:${value.bytesValue}`;
  if (value.intValue !== undefined) {
    const number = Number(value.intValue);
    return Number.isSafeInteger(number) ? number : String(value.intValue);
  }
  if (value.arrayValue !== undefined) {
    return (value.arrayValue.values ?? []).map((item) => toPlain(item, depth + 1));
  }
  if (value.kvlistValue !== undefined) {
    return Object.fromEntries(
      (value.kvlistValue.values ?? []).map((item) => [item.key, toPlain(item.value, depth + 1)]),
    );
  }
  return null;
}

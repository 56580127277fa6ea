import type {
  Attributes,
  AttributeValue,
  OutgoingEvent,
  OutgoingOrigin,
  OutgoingSpan,
  SpanBatch,
} from '../model/outgoing-telemetry.ts';
import { INT64_MAX } from './encode-telemetry.ts';

/**
 * The text of `JSON.stringify(encodeTraces(batches))`, byte for byte, written straight from the spans: an object for each
 * attribute would be most of what an export of many spans costs.
 */
export function writeTraces(batches: readonly SpanBatch[]): string {
  return `{"resourceSpans":[${batches.map(writeResourceSpans).join(',')}]}`;
}

/** One entry of `resourceSpans`. */
export function writeResourceSpans({ origin, spans }: SpanBatch): string {
  let text = `{${originJson(origin)},"scopeSpans":[{"scope":${JSON.stringify(origin.scope)},"spans":[`;
  let separator = '';
  for (const span of spans) {
    text += separator + spanJson(span);
    separator = ',';
  }
  return `${text}]}]}`;
}

function originJson({ resource, schemaUrl }: OutgoingOrigin): string {
  const told = schemaUrl === undefined ? '' : `,"schemaUrl":${JSON.stringify(schemaUrl)}`;
  return `"resource":{"attributes":${attributesJson(resource)}}${told}`;
}

function spanJson(span: OutgoingSpan): string {
  const parent =
    span.parentSpanId === '' ? '' : `,"parentSpanId":${JSON.stringify(span.parentSpanId)}`;
  const ids = `"traceId":${JSON.stringify(span.traceId)},"spanId":${JSON.stringify(span.spanId)}`;
  const times = `"startTimeUnixNano":"${span.startNs}","endTimeUnixNano":"${span.endNs}"`;
  const what = `"name":${JSON.stringify(span.name)},"kind":${span.kind},${times}`;
  const told = `"attributes":${attributesJson(span.attributes)},"events":${eventsJson(span.events)}`;
  return `{${ids}${parent},"flags":257,${what},${told},"status":${statusJson(span.status)}}`;
}

function eventsJson(events: readonly OutgoingEvent[]): string {
  if (events.length === 0) return '[]';
  const texts = events.map(
    ({ timeNs, name, attributes }) =>
      `{"timeUnixNano":"${timeNs}","name":${JSON.stringify(name)},"attributes":${attributesJson(attributes)}}`,
  );
  return `[${texts.join(',')}]`;
}

function statusJson({ code, message }: OutgoingSpan['status']): string {
  const told =
    message === undefined || message === '' ? '' : `"message":${JSON.stringify(message)}`;
  const kind = code === 0 ? '' : `"code":${code}`;
  return `{${told}${told !== '' && kind !== '' ? ',' : ''}${kind}}`;
}

function attributesJson(attributes: Attributes): string {
  let text = '[';
  let separator = '';
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    if (value === undefined) continue;
    text += `${separator}{"key":${quoted(key)},"value":${valueJson(value)}}`;
    separator = ',';
  }
  return `${text}]`;
}

function valueJson(value: AttributeValue): string {
  if (typeof value === 'string') return `{"stringValue":${wellFormed(value)}}`;
  if (typeof value === 'boolean') return `{"boolValue":${value}}`;
  if (typeof value === 'bigint') {
    return value <= INT64_MAX ? `{"intValue":"${value}"}` : `{"stringValue":"${value}"}`;
  }
  if (typeof value === 'number') {
    // As a text, -0 is 0.
    if (Number.isSafeInteger(value)) return `{"intValue":"${String(value)}"}`;
    return Number.isFinite(value) ? `{"doubleValue":${value}}` : `{"doubleValue":"${value}"}`;
  }
  if (isArray(value)) return `{"arrayValue":{"values":[${value.map(valueJson).join(',')}]}}`;
  return `{"kvlistValue":{"values":${attributesJson(value)}}}`;
}

const isArray = (value: AttributeValue): value is readonly AttributeValue[] => Array.isArray(value);

/** What JSON writes otherwise than as it is: quotes, backslashes, control characters and halves of surrogate pairs. */
const SPECIAL = /[^ !#-[\]-\uD7FF\uE000-\uFFFF]/;

/** To look is quicker than to have it written: nearly no name holds any such character. */
const quoted = (text: string): string => (SPECIAL.test(text) ? JSON.stringify(text) : `"${text}"`);

/** A lone half of a surrogate pair is no text that could be sent. */
const wellFormed = (text: string): string =>
  SPECIAL.test(text) ? JSON.stringify(text.replaceAll(/\p{Cs}/gu, '\uFFFD')) : `"${text}"`;

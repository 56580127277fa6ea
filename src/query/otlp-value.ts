import { ATTRIBUTE_TYPE } from '../model/attribute-columns.ts';
import { joinPayloads } from '../model/payload-text.ts';
import type { StoredAttributes } from '../storage/trace-store.ts';
import { parseTypedJson, toDouble } from './typed-json.ts';
import type { AnyValue, KeyValue } from './trace-query.ts';

export type PayloadLookup = (hash: string) => string | undefined;

/** Stored attributes as OTLP/JSON, every value with the type it was sent with. */
export function toKeyValues(attributes: StoredAttributes, lookup: PayloadLookup): KeyValue[] {
  return attributes.keys.map((key, index) => ({
    key,
    value: toAnyValue(attributes.types[index] ?? 's', attributes.values[index] ?? '', lookup),
  }));
}

/** One stored value as OTLP/JSON, by its type letter (`ATTRIBUTE_TYPE`). */
export function toAnyValue(letter: string, stored: string, lookup: PayloadLookup): AnyValue {
  const type = letter.toLowerCase();
  const text = letter === type ? stored : joinPayloads(stored, lookup);
  switch (type) {
    case ATTRIBUTE_TYPE.bool:
      return { boolValue: text === 'true' };
    case ATTRIBUTE_TYPE.int:
      return { intValue: text };
    case ATTRIBUTE_TYPE.double:
      return { doubleValue: toDouble(text) };
    case ATTRIBUTE_TYPE.bytes:
      return { bytesValue: text };
    case ATTRIBUTE_TYPE.array:
    case ATTRIBUTE_TYPE.kvlist:
      return parseTypedJson(text) ?? { stringValue: text };
    case ATTRIBUTE_TYPE.empty:
      return {};
    default:
      return { stringValue: text };
  }
}

import { hash } from 'node:crypto';

import { ByteBuilder } from '../base/byte-builder.ts';
import type { AttributeDecoder } from './attribute-decoder.ts';
import { formatValue, TYPE_LETTERS } from './value-text.ts';
import { VALUE_KIND } from '../model/value-kind.ts';

export const STREAM_ID_BYTES = 16;

/** What tells one stream of data points from another, beside the attributes. */
export interface StreamIdentity {
  readonly resourceId: Buffer;
  readonly scopeId: Buffer;
  /** Equal for metrics of one name, unit and type. */
  readonly metric: Buffer;
}

const content = new ByteBuilder(4096);

/** The first 16 bytes of SHA-256 over the identity and the attributes in the order of their keys. */
export function streamIdOf(
  identity: StreamIdentity,
  attributes: AttributeDecoder,
  buffer: Buffer,
): Buffer {
  content.reset();
  content.copy(identity.resourceId, 0, identity.resourceId.length);
  content.copy(identity.scopeId, 0, identity.scopeId.length);
  pushPart(identity.metric, 0, identity.metric.length);
  const { keys, keyIds } = attributes;
  const order = Array.from({ length: attributes.count }, (_, at) => at);
  order.sort((a, b) => compare(keys.textOf(keyIds[a]!), keys.textOf(keyIds[b]!)));
  for (const at of order) {
    const key = keyIds[at]!;
    pushPart(keys.data.bytes, keys.startOf(key), keys.endOf(key));
    content.u8(TYPE_LETTERS[attributes.kinds[at]!]!);
    if (attributes.kinds[at] === VALUE_KIND.string) {
      pushPart(buffer, attributes.starts[at]!, attributes.ends[at]!);
    } else {
      const text = Buffer.from(formatValue(buffer, attributes.valueAt(at)), 'utf8');
      pushPart(text, 0, text.length);
    }
  }
  return hash('sha256', content.view(), 'buffer').subarray(0, STREAM_ID_BYTES);
}

/** Lengths stand before contents, so that no two different lists read the same. */
function pushPart(source: Uint8Array, start: number, end: number): void {
  content.varint(end - start);
  content.copy(source, start, end);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

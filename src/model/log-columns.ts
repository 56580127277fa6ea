import { ByteBuilder } from '../base/byte-builder.ts';
import { DictionaryColumn } from '../base/dictionary-column.ts';
import type { Markable } from '../base/mark.ts';
import { StringColumn } from '../base/string-column.ts';
import { AttributeColumns } from './attribute-columns.ts';

/** Log records as columns, a row per record; field names as in `opentelemetry.proto.logs.v1.LogRecord`. */
export class LogColumns {
  readonly project = new DictionaryColumn();
  /** Nanoseconds since 1970 UTC; the observed time where the record has none of its own. */
  readonly time = new ByteBuilder(8 * 1024);
  readonly observedTime = new ByteBuilder(8 * 1024);
  /** 16 and 8 bytes each; zeros when the record belongs to no span. */
  readonly traceId = new ByteBuilder(16 * 1024);
  readonly spanId = new ByteBuilder(8 * 1024);
  readonly flags = new ByteBuilder(4 * 1024);
  readonly severityNumber = new ByteBuilder(1024);
  readonly severityText = new DictionaryColumn();
  readonly eventName = new DictionaryColumn();
  readonly body = new StringColumn();
  /** One letter of `ATTRIBUTE_TYPE` per row. */
  readonly bodyType = new DictionaryColumn();
  readonly service = new DictionaryColumn();
  /** The agent that the record names, else the service. */
  readonly agent = new DictionaryColumn();
  readonly resourceId = new ByteBuilder(16 * 1024);
  readonly scopeId = new ByteBuilder(16 * 1024);
  readonly scopeName = new DictionaryColumn();
  readonly attributes = new AttributeColumns();
  readonly droppedAttributes = new ByteBuilder(4 * 1024);

  readonly #columns = [
    this.project,
    this.time,
    this.observedTime,
    this.traceId,
    this.spanId,
    this.flags,
    this.severityNumber,
    this.severityText,
    this.eventName,
    this.body,
    this.bodyType,
    this.service,
    this.agent,
    this.resourceId,
    this.scopeId,
    this.scopeName,
    this.droppedAttributes,
  ] as const;
  readonly parts: readonly Markable[] = [...this.#columns, ...this.attributes.parts];

  get count(): number {
    return this.eventName.ids.count;
  }

  reset(): void {
    for (const column of this.#columns) column.reset();
    this.attributes.reset();
  }
}

import { ByteBuilder } from '../base/byte-builder.ts';
import { DictionaryColumn } from '../base/dictionary-column.ts';
import type { Markable } from '../base/mark.ts';
import { StringColumn } from '../base/string-column.ts';
import { AttributeColumns } from './attribute-columns.ts';
import { GenAiColumns } from './genai-columns.ts';

/** Spans as columns, a row per span; field names as in `opentelemetry.proto.trace.v1.Span`. */
export class SpanColumns {
  readonly project = new DictionaryColumn();
  /** 16 bytes each. */
  readonly traceId = new ByteBuilder(16 * 1024);
  /** 8 bytes each; a root has eight zero bytes as its parent. */
  readonly spanId = new ByteBuilder(8 * 1024);
  readonly parentSpanId = new ByteBuilder(8 * 1024);
  readonly traceState = new StringColumn();
  readonly flags = new ByteBuilder(4 * 1024);
  readonly name = new DictionaryColumn();
  readonly kind = new ByteBuilder(1024);
  /** Nanoseconds since 1970 UTC, signed 64 bits. */
  readonly start = new ByteBuilder(8 * 1024);
  readonly end = new ByteBuilder(8 * 1024);
  readonly statusCode = new ByteBuilder(1024);
  readonly statusMessage = new StringColumn();
  readonly service = new DictionaryColumn();
  /** Rows of the segment's `OriginColumns`, by their 16-byte ids. */
  readonly resourceId = new ByteBuilder(16 * 1024);
  readonly scopeId = new ByteBuilder(16 * 1024);
  readonly scopeName = new DictionaryColumn();
  readonly attributes = new AttributeColumns();
  readonly droppedAttributes = new ByteBuilder(4 * 1024);
  /** OTLP/JSON array of events; empty text when there are none. */
  readonly events = new StringColumn();
  readonly droppedEvents = new ByteBuilder(4 * 1024);
  /** OTLP/JSON array of links; empty text when there are none. */
  readonly links = new StringColumn();
  readonly droppedLinks = new ByteBuilder(4 * 1024);
  readonly genai = new GenAiColumns();

  readonly #columns = [
    this.project,
    this.traceId,
    this.spanId,
    this.parentSpanId,
    this.traceState,
    this.flags,
    this.name,
    this.kind,
    this.start,
    this.end,
    this.statusCode,
    this.statusMessage,
    this.service,
    this.resourceId,
    this.scopeId,
    this.scopeName,
    this.droppedAttributes,
    this.events,
    this.droppedEvents,
    this.links,
    this.droppedLinks,
  ] as const;
  readonly parts: readonly Markable[] = [
    ...this.#columns,
    ...this.attributes.parts,
    ...this.genai.parts,
  ];

  get count(): number {
    return this.name.ids.count;
  }

  reset(): void {
    for (const column of this.#columns) column.reset();
    this.attributes.reset();
    this.genai.reset();
  }
}

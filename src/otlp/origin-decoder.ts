import { hash } from 'node:crypto';

import type { OriginColumns } from '../model/origin-columns.ts';
import { ORIGIN_ID_BYTES } from '../model/origin-columns.ts';
import type { TelemetryColumns } from '../model/telemetry-columns.ts';
import { VALUE_KIND } from '../model/value-kind.ts';
import { AttributeDecoder } from './attribute-decoder.ts';
import { eachField } from './each-field.ts';
import { JsonWriter } from './json-writer.ts';
import { ProtobufReader } from './protobuf-reader.ts';

/** A resource as telemetry refers to it. */
export interface ResourceOrigin {
  readonly id: Buffer;
  /** `service.name`, or ''. */
  readonly service: string;
  /** `telemetry.sdk.language`, or ''. */
  readonly sdkLanguage: string;
}

/** An instrumentation scope as telemetry refers to it. */
export interface ScopeOrigin {
  readonly id: Buffer;
  readonly name: string;
}

/** Field numbers of what resources and scopes have in common. */
interface OriginFields {
  readonly attributes: number;
  readonly dropped: number;
  readonly name?: number;
  readonly version?: number;
  readonly entityRefs?: number;
}

const RESOURCE: OriginFields = { attributes: 1, dropped: 2, entityRefs: 3 };
const SCOPE: OriginFields = { name: 1, version: 2, attributes: 3, dropped: 4 };

interface OriginText {
  name: string;
  version: string;
  entityRefs: string;
  dropped: number;
}

/** Writes each distinct resource and scope once per segment and says how to refer to it. */
export class OriginDecoder {
  readonly #columns: TelemetryColumns;
  readonly #resourceAttributes: AttributeDecoder;
  readonly #scopeAttributes: AttributeDecoder;
  readonly #resources = new Map<string, ResourceOrigin>();
  readonly #scopes = new Map<string, ScopeOrigin>();
  readonly #reader = new ProtobufReader();

  constructor(columns: TelemetryColumns) {
    this.#columns = columns;
    this.#resourceAttributes = new AttributeDecoder(columns.resources.attributes.keys.dictionary);
    this.#scopeAttributes = new AttributeDecoder(columns.scopes.attributes.keys.dictionary);
  }

  /** The `Resource` at `[start, end)`. Throws `MalformedError`. */
  resource(
    project: string,
    buffer: Buffer,
    start: number,
    end: number,
    schemaUrl: string,
  ): ResourceOrigin {
    // A resource opens every group: the payloads that follow are its project's.
    this.#columns.payloads.project = project;
    const digest = digestOf(buffer, start, end, schemaUrl);
    const hex = digest.toString('hex');
    const known = this.#resources.get(hex);
    if (known !== undefined && !this.#columns.resources.isNew(project, hex)) return known;
    const text = this.#read(buffer, start, end, RESOURCE, this.#resourceAttributes);
    const attribute = (key: string): string => stringOf(this.#resourceAttributes, buffer, key);
    text.name = attribute('service.name');
    text.version = attribute('service.version');
    const origin = {
      id: digest,
      service: text.name,
      sdkLanguage: attribute('telemetry.sdk.language'),
    };
    if (known === undefined) this.#columns.resources.isNew(project, hex);
    this.#commit(this.#columns.resources, this.#resourceAttributes, {
      project,
      digest,
      schemaUrl,
      text,
      buffer,
    });
    this.#resources.set(hex, origin);
    return origin;
  }

  /** The `InstrumentationScope` at `[start, end)`. Throws `MalformedError`. */
  scope(
    project: string,
    buffer: Buffer,
    start: number,
    end: number,
    schemaUrl: string,
  ): ScopeOrigin {
    const digest = digestOf(buffer, start, end, schemaUrl);
    const hex = digest.toString('hex');
    const known = this.#scopes.get(hex);
    if (known !== undefined && !this.#columns.scopes.isNew(project, hex)) return known;
    const text = this.#read(buffer, start, end, SCOPE, this.#scopeAttributes);
    const origin = { id: digest, name: text.name };
    if (known === undefined) this.#columns.scopes.isNew(project, hex);
    this.#commit(this.#columns.scopes, this.#scopeAttributes, {
      project,
      digest,
      schemaUrl,
      text,
      buffer,
    });
    this.#scopes.set(hex, origin);
    return origin;
  }

  reset(): void {
    this.#resources.clear();
    this.#scopes.clear();
    this.#resourceAttributes.reset();
    this.#scopeAttributes.reset();
  }

  #read(
    buffer: Buffer,
    start: number,
    end: number,
    fields: OriginFields,
    attributes: AttributeDecoder,
  ): OriginText {
    const reader = this.#reader;
    reader.open(buffer, start, end);
    attributes.begin();
    const text: OriginText = { name: '', version: '', entityRefs: '', dropped: 0 };
    let hasEntityRefs = false;
    while (reader.tag()) {
      const { field } = reader;
      if (field === fields.dropped) text.dropped = reader.uint32();
      else if (field === fields.attributes) {
        reader.bytes();
        attributes.add(buffer, reader.start, reader.end);
      } else if (field === fields.name || field === fields.version) {
        reader.bytes();
        const value = buffer.toString('utf8', reader.start, reader.end);
        if (field === fields.name) text.name = value;
        else text.version = value;
      } else if (field === fields.entityRefs) {
        reader.bytes();
        hasEntityRefs = true;
      } else reader.skip();
    }
    if (hasEntityRefs) text.entityRefs = entityRefsJson(buffer, { start, end }, fields.entityRefs!);
    return text;
  }

  #commit(
    into: OriginColumns,
    attributes: AttributeDecoder,
    origin: {
      project: string;
      digest: Buffer;
      schemaUrl: string;
      text: OriginText;
      buffer: Buffer;
    },
  ): void {
    into.ids.copy(origin.digest, 0, ORIGIN_ID_BYTES);
    into.projects.pushText(origin.project);
    into.names.pushText(origin.text.name);
    into.versions.pushText(origin.text.version);
    into.schemaUrls.pushText(origin.schemaUrl);
    into.entityRefs.pushText(origin.text.entityRefs);
    into.droppedAttributes.u32(origin.text.dropped);
    attributes.commit(origin.buffer, into.attributes, this.#columns.payloads);
  }
}

function digestOf(buffer: Buffer, start: number, end: number, schemaUrl: string): Buffer {
  const content = buffer.subarray(start, end);
  const bytes =
    schemaUrl === '' ? content : Buffer.concat([content, Buffer.from(`\0${schemaUrl}`)]);
  return hash('sha256', bytes, 'buffer').subarray(0, ORIGIN_ID_BYTES);
}

function stringOf(attributes: AttributeDecoder, buffer: Buffer, key: string): string {
  for (let at = 0; at < attributes.count; at++) {
    if (
      attributes.kinds[at] === VALUE_KIND.string &&
      attributes.keys.textOf(attributes.keyIds[at]!) === key
    ) {
      return buffer.toString('utf8', attributes.starts[at], attributes.ends[at]);
    }
  }
  return '';
}

/** `repeated EntityRef` in OTLP JSON, from the message at `range` that has them in `field`. */
function entityRefsJson(
  buffer: Buffer,
  range: { readonly start: number; readonly end: number },
  field: number,
): string {
  const out = new JsonWriter();
  out.reset(range.end - range.start);
  const reader = new ProtobufReader();
  let separator = '[';
  eachField(buffer, range, field, (start, end) => {
    reader.open(buffer, start, end);
    const ref = {
      schemaUrl: '',
      type: '',
      idKeys: [] as string[],
      descriptionKeys: [] as string[],
    };
    while (reader.tag()) {
      if (reader.field < 1 || reader.field > 4) {
        reader.skip();
        continue;
      }
      reader.bytes();
      const value = buffer.toString('utf8', reader.start, reader.end);
      if (reader.field === 1) ref.schemaUrl = value;
      else if (reader.field === 2) ref.type = value;
      else if (reader.field === 3) ref.idKeys.push(value);
      else ref.descriptionKeys.push(value);
    }
    out.raw(separator);
    separator = ',';
    out.raw(JSON.stringify(ref));
  });
  out.raw(']');
  return out.text();
}

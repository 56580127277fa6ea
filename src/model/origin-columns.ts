import { ByteBuilder } from '../base/byte-builder.ts';
import { DictionaryColumn } from '../base/dictionary-column.ts';
import type { Markable } from '../base/mark.ts';
import { AttributeColumns } from './attribute-columns.ts';

export const ORIGIN_ID_BYTES = 16;

/**
 * Where telemetry comes from: resources, or instrumentation scopes. Each distinct one is a row,
 * addressed by a hash of what it says, so that a span carries 16 bytes instead of a dozen attributes.
 */
export class OriginColumns {
  readonly ids = new ByteBuilder(1024);
  readonly projects = new DictionaryColumn();
  /** A scope's name; a resource's `service.name`. */
  readonly names = new DictionaryColumn();
  /** A scope's version; a resource's `service.version`. */
  readonly versions = new DictionaryColumn();
  readonly schemaUrls = new DictionaryColumn();
  readonly attributes = new AttributeColumns();
  readonly droppedAttributes = new ByteBuilder(256);
  /** References between entities (`Resource.entity_refs`), as JSON text. */
  readonly entityRefs = new DictionaryColumn();
  readonly #known = new Set<string>();
  readonly parts: readonly Markable[] = [
    this.ids,
    this.projects,
    this.names,
    this.versions,
    this.schemaUrls,
    ...this.attributes.parts,
    this.droppedAttributes,
    this.entityRefs,
  ];

  get count(): number {
    return this.projects.ids.count;
  }

  /** True the first time that this project's origin is seen in the segment. */
  isNew(project: string, hex: string): boolean {
    const key = `${project}/${hex}`;
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    return true;
  }

  relearn(): void {
    this.#known.clear();
    for (let row = 0; row < this.count; row++) {
      const project = this.projects.dictionary.textOf(this.projects.ids.values[row]!);
      const at = row * ORIGIN_ID_BYTES;
      this.#known.add(`${project}/${this.ids.bytes.toString('hex', at, at + ORIGIN_ID_BYTES)}`);
    }
  }

  reset(): void {
    this.ids.reset();
    this.projects.reset();
    this.names.reset();
    this.versions.reset();
    this.schemaUrls.reset();
    this.attributes.reset();
    this.droppedAttributes.reset();
    this.entityRefs.reset();
    this.#known.clear();
  }
}

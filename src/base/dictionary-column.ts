import { Interner } from './interner.ts';
import type { Markable } from './mark.ts';
import { Uint32Column } from './number-column.ts';

/** A column of strings of which few are distinct: a dictionary and a number per row. */
export class DictionaryColumn implements Markable {
  readonly dictionary: Interner;
  readonly ids: Uint32Column;

  /** `dictionary` may be shared by columns whose values come from one set. */
  constructor(dictionary: Interner = new Interner()) {
    this.dictionary = dictionary;
    this.ids = new Uint32Column();
  }

  push(source: Uint8Array, start: number, end: number): number {
    const id = this.dictionary.intern(source, start, end);
    this.ids.push(id);
    return id;
  }

  pushText(text: string): number {
    const id = this.dictionary.internText(text);
    this.ids.push(id);
    return id;
  }

  mark(into: number[]): void {
    this.ids.mark(into);
  }

  /** Entries stay in the dictionary: an unused entry does no harm. */
  restore(from: readonly number[], at: number): number {
    return this.ids.restore(from, at);
  }

  reset(): void {
    this.dictionary.reset();
    this.ids.reset();
  }
}

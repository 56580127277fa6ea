import { compact, oneOf, textOf } from '../search-values.ts';
import type { RawSearch } from '../search-values.ts';

/** Which traces are compared, and which step of them is open. */
export interface CompareSearch {
  readonly a?: string | undefined;
  readonly b?: string | undefined;
  /** Span ids of the step that is open, one of which may be missing. */
  readonly sa?: string | undefined;
  readonly sb?: string | undefined;
  /** Only steps that differ, and what is above them. */
  readonly only?: 'differences' | undefined;
}

export function parseCompareSearch(raw: RawSearch): CompareSearch {
  const id = (value: unknown, digits: number): string | undefined => {
    const text = textOf(value)?.toLowerCase();
    return text !== undefined && new RegExp(`^[0-9a-f]{${digits}}$`).test(text) ? text : undefined;
  };
  return compact({
    a: id(raw['a'], 32),
    b: id(raw['b'], 32),
    sa: id(raw['sa'], 16),
    sb: id(raw['sb'], 16),
    only: oneOf(raw['only'], ['differences'] as const),
  });
}

import type { Approval } from '../client/approvals.ts';

/** Whether somebody can decide about it here and now: not about one that a gateway out of reach holds. */
export const isDecidable = ({ undecidable }: Pick<Approval, 'undecidable'>): boolean =>
  undecidable === null;

/** Of a page of calls that wait those that can be decided, and of how many of all that is not known to be otherwise. */
export function decidableOf<Row extends Pick<Approval, 'undecidable'>>(
  page:
    | { readonly data: readonly Row[]; readonly meta: { readonly total?: number | undefined } }
    | undefined,
): { readonly rows: readonly Row[]; readonly total: number } {
  const { data = [], meta } = page ?? {};
  const rows = data.filter(isDecidable);
  return { rows, total: (meta?.total ?? data.length) - data.length + rows.length };
}

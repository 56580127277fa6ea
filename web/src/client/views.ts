import { queryOptions } from '@tanstack/react-query';
import { read } from './call.ts';
import type { BodyOf, DataOf } from './call.ts';

export type SavedView = DataOf<'GET /api/v1/views'>[number];
export type SavedViewDraft = BodyOf<'POST /api/v1/views'>;

/** A person's own views and those that are shared, of every page. */
export const viewsQuery = queryOptions({
  queryKey: ['views'],
  queryFn: ({ signal }) => read('GET /api/v1/views', { signal }),
  staleTime: 30_000,
});

/** Keeps a view, new or changed, and says whether its page opens with it. */
export async function keepView(
  draft: SavedViewDraft,
  options: { readonly id: string | undefined; readonly isDefault: boolean },
): Promise<SavedView> {
  const { id, isDefault } = options;
  const kept =
    id === undefined
      ? await read('POST /api/v1/views', { body: draft })
      : await read('PUT /api/v1/views/{id}', { params: { id }, body: draft });
  return kept.default === isDefault ? kept : await setDefaultView(kept.id, isDefault);
}

export function setDefaultView(id: string, isDefault: boolean): Promise<SavedView> {
  return read('PUT /api/v1/views/{id}/default', { params: { id }, body: { default: isDefault } });
}

export async function removeView(id: string): Promise<void> {
  await read('DELETE /api/v1/views/{id}', { params: { id } });
}

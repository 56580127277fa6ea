import { expect, test } from 'vitest';

import type { SavedView } from '../../model/saved-view.ts';
import { entryOf, type Context } from './conformance-context.ts';

export function testViews(context: Context): void {
  const viewOf = (name: string, rest: Partial<SavedView> = {}): SavedView => ({
    id: `vue_${context().project}_${name}`,
    project: context().project,
    ownerId: 'usr_1',
    ownerName: 'ada',
    page: 'traces',
    name,
    search: 'status=error&attr=k%3Dü',
    shared: false,
    createdAtMs: 1,
    updatedAtMs: 2,
    ...rest,
  });
  const entry = (action: string) => entryOf(context().project, action, 'a-view');
  const create = (view: SavedView, ownMax = 10) =>
    context().store.views.create(view, entry('view.created'), ownMax);
  const audited = async () =>
    (await context().store.auditLog.find(context().project, {}, { limit: 20 })).length;

  test('a view is seen by its owner, and by others when it is shared', async () => {
    const { store, project } = context();
    const { views } = store;
    const own = viewOf('mine');
    const shared = viewOf('ours', { shared: true, page: 'runs' });
    expect(await create(own)).toBe('created');
    expect(await create(shared)).toBe('created');
    expect(await views.list(project, 'usr_1')).toEqual([shared, own]);
    expect(await views.list(project, 'usr_2')).toEqual([shared]);
    expect(await views.list('another project', 'usr_1')).toEqual([]);
    expect(await views.get(project, own.id)).toEqual(own);
    expect(await views.get('another project', own.id)).toBeUndefined();
    expect(await audited()).toBe(2);
  });

  test('an owner has a name once on a page; others and other pages may have it, too', async () => {
    const { views } = context().store;
    expect(await create(viewOf('a'))).toBe('created');
    expect(await create(viewOf('a', { id: 'x1' }))).toBe('taken');
    const elsewhere = viewOf('a', { id: `${context().project} x2`, page: 'runs' });
    expect(await create(elsewhere)).toBe('created');
    const others = viewOf('a', { id: `${context().project} x3`, ownerId: 'usr_2' });
    expect(await create(others)).toBe('created');
    const b = viewOf('b');
    expect(await create(b)).toBe('created');
    expect(await views.replace({ ...b, name: 'a' }, entry('view.changed'))).toBe(false);
    const changed = { ...b, name: 'c', search: '', updatedAtMs: 9 };
    expect(await views.replace(changed, entry('view.changed'))).toBe(true);
    expect(await views.get(b.project, b.id)).toEqual(changed);
    expect(await views.replace(viewOf('gone'), entry('view.changed'))).toBe(false);
    expect(await audited()).toBe(5);
  });

  test('an owner has no more than so many, also when several are created at once', async () => {
    const { store, project } = context();
    expect(await create(viewOf('first'), 3)).toBe('created');
    const others = viewOf('of another', { ownerId: 'usr_2' });
    expect(await create(others, 3)).toBe('created');
    const asked = ['a', 'b', 'c', 'd'].map((name) => create(viewOf(name), 3));
    expect((await Promise.all(asked)).toSorted()).toEqual(['created', 'created', 'full', 'full']);
    expect(await store.views.list(project, 'usr_1')).toHaveLength(3);
    expect(await audited()).toBe(4);
    // The last ones come before those that are there.
    const many = Array.from({ length: 40 }, (_, at) => viewOf(`x${99 - at}`, { ownerId: 'usr_3' }));
    const outcomes = await Promise.all(many.map((view) => create(view, 12)));
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(12);
  });

  test('a page opens for each person with the view of their choice, until the view is gone', async () => {
    const { store, project } = context();
    const { views } = store;
    const a = viewOf('a', { shared: true });
    const b = viewOf('b');
    for (const view of [a, b]) await create(view);
    const choose = (userId: string, viewId: string | undefined) =>
      views.setDefault({ project, userId, page: 'traces' }, viewId, entry('view.default_set'));
    await choose('usr_1', a.id);
    await choose('usr_1', b.id);
    await choose('usr_2', a.id);
    expect(await views.listDefaults(project, 'usr_1')).toEqual(new Map([['traces', b.id]]));
    expect(await views.listDefaults(project, 'usr_2')).toEqual(new Map([['traces', a.id]]));
    await views.replace({ ...a, shared: false }, entry('view.changed'));
    expect(await views.listDefaults(project, 'usr_2')).toEqual(new Map());
    const before = await audited();
    await choose('usr_2', undefined);
    expect(await audited()).toBe(before);
    expect(await views.remove(project, b.id, entry('view.removed'))).toBe(true);
    expect(await views.remove(project, b.id, entry('view.removed'))).toBe(false);
    expect(await views.listDefaults(project, 'usr_1')).toEqual(new Map());
  });
}

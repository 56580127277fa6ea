import { z } from 'zod';

import type { Principal } from '../auth/principal.ts';
import { actorOf, requireScope } from '../auth/principal.ts';
import { randomId } from '../base/random-id.ts';
import { AppError } from '../errors.ts';
import type { SavedView } from '../model/saved-view.ts';
import { VIEW_PAGES } from '../model/saved-view.ts';
import type { AuditEntry, JsonValue } from '../storage/audit-log.ts';
import { answerOf, idParams, isoTime, nonEmptyText, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

/** Of one owner. */
const VIEWS_MAX = 200;
const SEARCH_MAX = 4_096;

const page = z.enum(VIEW_PAGES);

const viewBody = z
  .strictObject({
    page,
    name: nonEmptyText(100),
    /** What the page's address says after `?`. */
    search: text(SEARCH_MAX),
    /** Everyone of the project sees it; else its owner alone. */
    shared: z.boolean().default(false),
  })
  .meta({
    id: 'SavedViewDraft',
    example: { page: 'runs', name: 'Failed today', search: 'status=error', shared: true },
  });

const viewAnswer = z
  .object({
    id: z.string(),
    page,
    name: z.string(),
    search: z.string(),
    shared: z.boolean(),
    owner: z.string(),
    /** Whether it is of who asks. */
    own: z.boolean(),
    /** The page opens with it for who asks. */
    default: z.boolean(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'SavedView' });

const URL = '/api/v1/views';

/** Views of lists that people keep. */
export function viewRoutes(api: Api, deps: ApiDeps): void {
  listRoute(api, deps);
  createRoute(api, deps);
  changeRoutes(api, deps);
  defaultRoute(api, deps);
}

function listRoute(api: Api, { store }: ApiDeps): void {
  api.route({
    method: 'GET',
    url: URL,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['views'],
      summary: 'Lists the views of who asks and those that are shared with the project, by name.',
      querystring: z.strictObject({ page: page.optional() }),
      response: { 200: answerOf(z.array(viewAnswer)) },
    },
    handler: async (request) => {
      const { project, id } = principalOf(request);
      const [views, defaults] = await Promise.all([
        store.views.list(project, id),
        store.views.listDefaults(project, id),
      ]);
      const wanted = request.query.page;
      return success(
        views
          .filter((view) => wanted === undefined || view.page === wanted)
          .map((view) => toAnswer(view, id, defaults.get(view.page) === view.id)),
      );
    },
  });
}

function createRoute(api: Api, { store, clock }: ApiDeps): void {
  api.route({
    method: 'POST',
    url: URL,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['views'],
      summary: 'Keeps a page with its filters under a name.',
      body: viewBody,
      response: { 201: answerOf(viewAnswer) },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const { project, id: ownerId } = principal;
      const nowMs = clock.now();
      const view: SavedView = {
        id: randomId('vue'),
        project,
        ownerId,
        ownerName: principal.name,
        ...request.body,
        name: request.body.name.trim(),
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
      };
      const entry = entryOf(principal, nowMs, 'view.created', view, { view: plain(view) });
      const outcome = await store.views.create(view, entry, VIEWS_MAX);
      if (outcome === 'full') {
        throw new AppError('CONFLICT', `you have ${VIEWS_MAX} views; remove one first`);
      }
      if (outcome === 'taken') throw taken(view);
      return reply.code(201).send(success(toAnswer(view, ownerId, false)));
    },
  });
}

function changeRoutes(api: Api, { store, clock }: ApiDeps): void {
  api.route({
    method: 'PUT',
    url: `${URL}/:id`,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['views'],
      summary: 'Replaces a view: its name, its filters, whether it is shared.',
      description: 'Those of others are changed by who holds governance:write.',
      params: idParams,
      body: viewBody,
      response: { 200: answerOf(viewAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const before = await changeable(store, principal, request.params.id);
      const { body } = request;
      if (body.page !== before.page) {
        throw new AppError(
          'VALIDATION_ERROR',
          `the view is of the page ${before.page}; save another for ${body.page}`,
        );
      }
      const nowMs = clock.now();
      const view = { ...before, ...body, name: body.name.trim(), updatedAtMs: nowMs };
      const detail = { from: plain(before), to: plain(view) };
      const entry = entryOf(principal, nowMs, 'view.changed', view, detail);
      if (!(await store.views.replace(view, entry))) throw taken(view);
      const defaults = await store.views.listDefaults(principal.project, principal.id);
      return success(toAnswer(view, principal.id, defaults.get(view.page) === view.id));
    },
  });

  api.route({
    method: 'DELETE',
    url: `${URL}/:id`,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['views'],
      summary: 'Removes a view; nobody’s page opens with it any more.',
      params: idParams,
      response: { 200: answerOf(z.object({ removed: z.literal(true) })) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const view = await changeable(store, principal, request.params.id);
      const detail = { view: plain(view) };
      const entry = entryOf(principal, clock.now(), 'view.removed', view, detail);
      await store.views.remove(principal.project, view.id, entry);
      return success({ removed: true as const });
    },
  });
}

function defaultRoute(api: Api, { store, clock }: ApiDeps): void {
  api.route({
    method: 'PUT',
    url: `${URL}/:id/default`,
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['views'],
      summary: 'Says whether its page opens with the view, for who asks.',
      params: idParams,
      body: z
        .strictObject({ default: z.boolean() })
        .meta({ id: 'DefaultView', example: { default: true } }),
      response: { 200: answerOf(viewAnswer) },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      const { project, id: userId } = principal;
      const view = await visible(store, principal, request.params.id);
      const { default: wanted } = request.body;
      const choice = { project, userId, page: view.page };
      const now = await store.views.listDefaults(project, userId);
      if (wanted !== (now.get(view.page) === view.id)) {
        const detail = { page: view.page, default: wanted };
        const entry = entryOf(principal, clock.now(), 'view.default_set', view, detail);
        await store.views.setDefault(choice, wanted ? view.id : undefined, entry);
      }
      return success(toAnswer(view, userId, wanted));
    },
  });
}

/** Throws `NOT_FOUND` for what the principal does not see. */
async function visible(
  store: ApiDeps['store'],
  { project, id: userId }: Principal,
  id: string,
): Promise<SavedView> {
  const view = await store.views.get(project, id);
  if (view !== undefined && (view.shared || view.ownerId === userId)) return view;
  throw new AppError('NOT_FOUND', `there is no view ${id}`);
}

async function changeable(
  store: ApiDeps['store'],
  principal: Principal,
  id: string,
): Promise<SavedView> {
  const view = await visible(store, principal, id);
  if (view.ownerId !== principal.id) requireScope(principal, 'governance:write');
  return view;
}

function taken({ name, page: where }: SavedView): AppError {
  return new AppError(
    'CONFLICT',
    `there is a view named "${name}" of ${where} already; choose another name`,
  );
}

function entryOf(
  principal: Principal,
  atMs: number,
  action: string,
  { project, id }: SavedView,
  detail: AuditEntry['detail'],
): AuditEntry {
  return {
    project,
    atMs,
    actor: actorOf(principal),
    action,
    target: { kind: 'view', id },
    reason: null,
    detail,
  };
}

const plain = ({ page: where, name, search, shared }: SavedView): JsonValue => ({
  page: where,
  name,
  search,
  shared,
});

function toAnswer(view: SavedView, userId: string, isDefault: boolean): z.infer<typeof viewAnswer> {
  return {
    id: view.id,
    page: view.page,
    name: view.name,
    search: view.search,
    shared: view.shared,
    owner: view.ownerName,
    own: view.ownerId === userId,
    default: isDefault,
    created_at: isoTime(view.createdAtMs),
    updated_at: isoTime(view.updatedAtMs),
  };
}

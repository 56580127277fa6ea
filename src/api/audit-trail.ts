import { z } from 'zod';

import { AppError } from '../errors.ts';
import { decodeCursor, encodeCursor } from '../query/cursor.ts';
import type { AuditFilter, AuditRecord } from '../storage/audit-log.ts';
import {
  FROM_AFTER_TO,
  inOrder,
  cursor,
  cursorPageOf,
  idParams,
  isoTime,
  limitOf,
  success,
  text,
  time,
} from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const entryAnswer = z
  .object({
    sequence: z.int(),
    at: z.string(),
    actor: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
    action: z.string(),
    target: z.object({ kind: z.string(), id: z.string() }),
    reason: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });

const historyAnswer = z
  .object({
    sequence: z.int(),
    at: z.string(),
    /** The name of who did it. */
    actor: z.string(),
    action: z.string(),
    /** The status before and after; null for an entry that is not about the status. */
    from: z.string().nullable(),
    to: z.string().nullable(),
    reason: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AgentHistoryEntry' });

const pageQuery = { limit: limitOf(50, 500), cursor: cursor.optional() };

export function auditTrailRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/governance/audit-trail',
    config: { access: 'governance:read' },
    schema: {
      tags: ['governance'],
      summary: 'Lists who changed what, when and why; newest first.',
      querystring: z
        .strictObject({
          action: text(128).optional(),
          actor_id: text(128).optional(),
          target_kind: text(64).optional(),
          target_id: text(128).optional(),
          from: time.optional(),
          to: time.optional(),
          ...pageQuery,
        })
        .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO),
      response: { 200: cursorPageOf(z.array(entryAnswer)) },
    },
    handler: async (request) => {
      const { query } = request;
      const filter = {
        action: query.action,
        actorId: query.actor_id,
        targetKind: query.target_kind,
        targetId: query.target_id,
        fromMs: query.from,
        toMs: query.to,
      };
      const { rows, meta } = await findPage(deps, principalOf(request).project, filter, query);
      return { ...success(rows.map(toEntry)), meta };
    },
  });
}

export function agentHistoryRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/agents/:id/history',
    config: { access: 'registry:read' },
    schema: {
      tags: ['agents'],
      summary: 'Lists what was decided about an agent; newest first.',
      params: idParams,
      querystring: z.strictObject(pageQuery),
      response: { 200: cursorPageOf(z.array(historyAnswer)) },
    },
    handler: async (request) => {
      const { id } = request.params;
      const { project } = principalOf(request);
      if ((await deps.store.agents.get(project, id)) === undefined) {
        throw new AppError('NOT_FOUND', `there is no agent ${id}`);
      }
      const filter = { targetKind: 'agent', targetId: id };
      const { rows, meta } = await findPage(deps, project, filter, request.query);
      return { ...success(rows.map(toHistory)), meta };
    },
  });
}

async function findPage(
  deps: ApiDeps,
  project: string,
  filter: AuditFilter,
  page: { readonly limit: number; readonly cursor?: string | undefined },
) {
  const records = await deps.store.auditLog.find(project, filter, {
    limit: page.limit + 1,
    beforeSequence: page.cursor === undefined ? undefined : sequenceOf(page.cursor),
  });
  const rows = records.slice(0, page.limit);
  const last = rows.at(-1);
  const more = records.length > rows.length && last !== undefined;
  const next_cursor = more ? encodeCursor([last.sequence]) : null;
  return { rows, meta: { limit: page.limit, next_cursor } };
}

function sequenceOf(word: string): number {
  const [sequence] = decodeCursor(word, 1);
  if (typeof sequence === 'number' && Number.isSafeInteger(sequence)) return sequence;
  throw new AppError('VALIDATION_ERROR', 'the cursor is not one of this list');
}

function toEntry(record: AuditRecord) {
  const { sequence, atMs, actor, action, target, reason, detail } = record;
  return { sequence, at: isoTime(atMs), actor, action, target, reason, detail };
}

function toHistory(record: AuditRecord) {
  const { sequence, atMs, actor, action, reason, detail } = record;
  const { from, to, status } = detail;
  const after = action === 'agent.registered' ? status : to;
  return {
    sequence,
    at: isoTime(atMs),
    actor: actor.name,
    action,
    from: typeof from === 'string' ? from : null,
    to: typeof after === 'string' ? after : null,
    reason,
    detail,
  };
}

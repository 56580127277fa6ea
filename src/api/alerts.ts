import { z } from 'zod';

import { ALERT_KINDS, DELIVERY_STATES, SEVERITIES } from '../model/alert.ts';
import type { Alert, AlertDelivery } from '../storage/alert-store.ts';
import { cursor, cursorPageOf, isoTime, isoTimeOrNull, limitOf, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { AppError } from '../errors.ts';
import { principalOf } from './route-access.ts';

const alertAnswer = z
  .object({
    id: z.string(),
    kind: z.enum(ALERT_KINDS),
    severity: z.enum(SEVERITIES),
    subject: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
    title: z.string(),
    text: z.string(),
    detail: z.record(z.string(), z.unknown()),
    raised_at: z.string(),
    /** One per channel that took it. */
    deliveries: z.array(
      z.object({
        id: z.string(),
        channel_id: z.string(),
        state: z.enum(DELIVERY_STATES),
        attempts: z.int(),
        next_attempt: z.string().nullable(),
        error: z.string().nullable(),
        settled_at: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Alert' });

const listQuery = z.strictObject({
  kind: z.enum(ALERT_KINDS).optional(),
  severity: z.enum(SEVERITIES).optional(),
  /** The id of what it is about, e.g. of an agent. */
  subject_id: text(128).optional(),
  cursor: cursor.optional(),
  limit: limitOf(50, 500),
});

export function alertRoutes(api: Api, { store }: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/api/v1/alerts',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['alerts'],
      summary: 'Lists the alerts that were raised, the newest first, and where they were sent.',
      querystring: listQuery,
      response: { 200: cursorPageOf(z.array(alertAnswer)) },
    },
    handler: async (request) => {
      const { cursor: given, limit, subject_id: subjectId, ...filter } = request.query;
      const rows = await store.alerts.find(
        principalOf(request).project,
        { ...filter, subjectId },
        { limit: limit + 1, after: given === undefined ? undefined : parseCursor(given) },
      );
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const more = rows.length > limit && last !== undefined;
      return {
        ...success(page.map(({ alert, deliveries }) => toAnswer(alert, deliveries))),
        meta: { limit, next_cursor: more ? formatCursor(last.alert) : null },
      };
    },
  });
}

function formatCursor({ raisedAtMs, id }: Alert): string {
  return Buffer.from(`${raisedAtMs} ${id}`).toString('base64url');
}

function parseCursor(given: string): { raisedAtMs: number; id: string } {
  const match = /^(\d{1,15}) ([\w-]+)$/.exec(Buffer.from(given, 'base64url').toString());
  if (match === null) {
    throw new AppError('VALIDATION_ERROR', 'the cursor is not one that this list gave');
  }
  return { raisedAtMs: Number(match[1]), id: match[2]! };
}

function toAnswer(alert: Alert, deliveries: readonly AlertDelivery[]) {
  return {
    id: alert.id,
    kind: alert.kind,
    severity: alert.severity,
    subject: alert.subject,
    title: alert.title,
    text: alert.text,
    detail: alert.detail,
    raised_at: isoTime(alert.raisedAtMs),
    deliveries: deliveries.map((delivery) => ({
      id: delivery.id,
      channel_id: delivery.channelId,
      state: delivery.state,
      attempts: delivery.attempts,
      next_attempt: isoTimeOrNull(delivery.nextAttemptMs),
      error: delivery.lastError,
      settled_at: isoTimeOrNull(delivery.settledAtMs),
    })),
  };
}

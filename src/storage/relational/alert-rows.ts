import { sql, type Selectable } from 'kysely';

import type { AlertKind, ChannelTarget, DeliveryState, Severity } from '../../model/alert.ts';
import type { Alert, AlertChannel, AlertDelivery, AlertStore } from '../alert-store.ts';
import { changeAudited } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema } from './schema.ts';

export function createAlertStore(database: ControlDatabase): AlertStore {
  return {
    ...channels(database),
    ...channelChanges(database),
    ...raising(database),
    ...findings(database),
    ...outbox(database),
  };
}

function channels(database: ControlDatabase): Pick<AlertStore, 'listChannels' | 'getChannel'> {
  return {
    async listChannels(project) {
      const rows = await database
        .selectFrom('alert_channels')
        .selectAll()
        .where('project', '=', project)
        .orderBy('name')
        .execute();
      return rows.map(toChannel);
    },

    async getChannel(project, id) {
      const row = await database
        .selectFrom('alert_channels')
        .selectAll()
        .where('project', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toChannel(row);
    },
  };
}

function channelChanges(
  database: ControlDatabase,
): Pick<AlertStore, 'createChannel' | 'replaceChannel' | 'removeChannel'> {
  return {
    createChannel: (channel, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const result = await transaction
          .insertInto('alert_channels')
          .values(fromChannel(channel))
          .onConflict((conflict) => conflict.columns(['project', 'name']).doNothing())
          .executeTakeFirst();
        return result.numInsertedOrUpdatedRows !== 0n;
      }),

    replaceChannel: (channel, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const { id, project, ...changed } = fromChannel(channel);
        const result = await transaction
          .updateTable('alert_channels')
          .set(changed)
          .where('project', '=', project)
          .where('id', '=', id)
          .where((where) =>
            where.not(
              where.exists(
                where
                  .selectFrom('alert_channels as other')
                  .select('other.id')
                  .where('other.project', '=', project)
                  .where('other.name', '=', channel.name)
                  .where('other.id', '!=', id),
              ),
            ),
          )
          .executeTakeFirst();
        return result.numUpdatedRows !== 0n;
      }),

    removeChannel: (project, id, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const found = await transaction
          .selectFrom('alert_channels')
          .select('id')
          .where('project', '=', project)
          .where('id', '=', id)
          .executeTakeFirst();
        if (found === undefined) return false;
        await transaction.deleteFrom('alert_deliveries').where('channel_id', '=', id).execute();
        await transaction.deleteFrom('alert_channels').where('id', '=', id).execute();
        return true;
      }),
  };
}

function raising(database: ControlDatabase): Pick<AlertStore, 'raise' | 'removeBefore'> {
  return {
    raise: (alert, deliveries) =>
      database.transaction().execute(async (transaction) => {
        const result = await transaction
          .insertInto('alerts')
          .values(fromAlert(alert))
          .onConflict((conflict) => conflict.columns(['project', 'alert_key']).doNothing())
          .executeTakeFirst();
        if (result.numInsertedOrUpdatedRows === 0n) return false;
        if (deliveries.length > 0) {
          await transaction
            .insertInto('alert_deliveries')
            .values(
              deliveries.map(({ id, channelId }) => ({
                id,
                alert_id: alert.id,
                channel_id: channelId,
                state: 'pending' satisfies DeliveryState,
                attempts: 0,
                next_attempt_ms: alert.raisedAtMs,
                last_error: null,
                settled_at_ms: null,
              })),
            )
            .execute();
        }
        return true;
      }),

    async removeBefore(beforeMs) {
      await database.transaction().execute(async (transaction) => {
        await transaction
          .deleteFrom('alert_deliveries')
          .where('alert_id', 'in', (select) =>
            select.selectFrom('alerts').select('id').where('raised_at_ms', '<', beforeMs),
          )
          .execute();
        await transaction.deleteFrom('alerts').where('raised_at_ms', '<', beforeMs).execute();
      });
    },
  };
}

function findings(database: ControlDatabase): Pick<AlertStore, 'find'> {
  return {
    async find(project, filter, { limit, after }) {
      let query = database.selectFrom('alerts').selectAll().where('project', '=', project);
      if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
      if (filter.severity !== undefined) query = query.where('severity', '=', filter.severity);
      if (filter.subjectId !== undefined) query = query.where('subject_id', '=', filter.subjectId);
      if (after !== undefined) {
        query = query.where(
          sql<boolean>`(raised_at_ms, id) < (CAST(${after.raisedAtMs} AS BIGINT), ${after.id})`,
        );
      }
      const rows = await query
        .orderBy('raised_at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      if (rows.length === 0) return [];
      const deliveries = await database
        .selectFrom('alert_deliveries')
        .selectAll()
        .where(
          'alert_id',
          'in',
          rows.map((row) => row.id),
        )
        .orderBy('id')
        .execute();
      return rows.map((row) => ({
        alert: toAlert(row),
        deliveries: deliveries
          .filter((delivery) => delivery.alert_id === row.id)
          .map((delivery) => toDelivery(delivery)),
      }));
    },
  };
}

function outbox(
  database: ControlDatabase,
): Pick<AlertStore, 'listDue' | 'recordDelivery' | 'countPending'> {
  return {
    async listDue(nowMs, limit) {
      const due = await database
        .selectFrom('alert_deliveries as delivery')
        .innerJoin('alert_channels as channel', 'channel.id', 'delivery.channel_id')
        .selectAll('delivery')
        .where('delivery.state', '=', 'pending')
        .where('delivery.next_attempt_ms', '<=', nowMs)
        .where('channel.enabled', '=', 1)
        .orderBy('delivery.next_attempt_ms')
        .orderBy('delivery.id')
        .limit(limit)
        .execute();
      if (due.length === 0) return [];
      const alertRows = await database
        .selectFrom('alerts')
        .selectAll()
        .where('id', 'in', [...new Set(due.map((row) => row.alert_id))])
        .execute();
      const channelRows = await database
        .selectFrom('alert_channels')
        .selectAll()
        .where('id', 'in', [...new Set(due.map((row) => row.channel_id))])
        .execute();
      const alertById = new Map(alertRows.map((row) => [row.id, toAlert(row)]));
      const channelById = new Map(channelRows.map((row) => [row.id, toChannel(row)]));
      return due.flatMap((row) => {
        const [alert, channel] = [alertById.get(row.alert_id), channelById.get(row.channel_id)];
        // Its channel may have been removed between the questions.
        return alert && channel ? [{ delivery: toDelivery(row), alert, channel }] : [];
      });
    },

    async recordDelivery(id, change) {
      await database
        .updateTable('alert_deliveries')
        .set({
          state: change.state,
          attempts: change.attempts,
          next_attempt_ms: change.nextAttemptMs,
          last_error: change.lastError,
          settled_at_ms: change.settledAtMs,
        })
        .where('id', '=', id)
        .execute();
    },

    async countPending() {
      const { pending } = await database
        .selectFrom('alert_deliveries')
        .select((select) => select.fn.countAll<number>().as('pending'))
        .where('state', '=', 'pending')
        .executeTakeFirstOrThrow();
      return pending;
    },
  };
}

function fromChannel(channel: AlertChannel) {
  return {
    id: channel.id,
    project: channel.project,
    name: channel.name,
    enabled: channel.enabled ? 1 : 0,
    kinds_json: JSON.stringify(channel.kinds),
    severity_min: channel.severityMin,
    target_json: JSON.stringify(channel.target),
    created_at_ms: channel.createdAtMs,
    updated_at_ms: channel.updatedAtMs,
  };
}

function toChannel(row: Selectable<ControlSchema['alert_channels']>): AlertChannel {
  return {
    id: row.id,
    project: row.project,
    name: row.name,
    enabled: row.enabled === 1,
    kinds: JSON.parse(row.kinds_json) as AlertKind[],
    severityMin: row.severity_min as Severity,
    target: JSON.parse(row.target_json) as ChannelTarget,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

function fromAlert(alert: Alert) {
  return {
    id: alert.id,
    project: alert.project,
    alert_key: alert.key,
    kind: alert.kind,
    severity: alert.severity,
    subject_kind: alert.subject.kind,
    subject_id: alert.subject.id,
    subject_name: alert.subject.name,
    title: alert.title,
    body: alert.text,
    detail_json: JSON.stringify(alert.detail),
    raised_at_ms: alert.raisedAtMs,
  };
}

function toAlert(row: Selectable<ControlSchema['alerts']>): Alert {
  return {
    id: row.id,
    project: row.project,
    key: row.alert_key,
    kind: row.kind as AlertKind,
    severity: row.severity as Severity,
    subject: { kind: row.subject_kind, id: row.subject_id, name: row.subject_name },
    title: row.title,
    text: row.body,
    detail: JSON.parse(row.detail_json) as Alert['detail'],
    raisedAtMs: row.raised_at_ms,
  };
}

function toDelivery(row: Selectable<ControlSchema['alert_deliveries']>): AlertDelivery {
  return {
    id: row.id,
    channelId: row.channel_id,
    state: row.state as DeliveryState,
    attempts: row.attempts,
    nextAttemptMs: row.next_attempt_ms,
    lastError: row.last_error,
    settledAtMs: row.settled_at_ms,
  };
}

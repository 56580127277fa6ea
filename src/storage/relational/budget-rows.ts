import type { Selectable } from 'kysely';

import type { Budget, BudgetScope } from '../../model/budget.ts';
import { formatDollars, parseDollars } from '../../model/money.ts';
import type { BudgetStore } from '../budget-store.ts';
import { changeAudited } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema } from './schema.ts';

export function createBudgetStore(database: ControlDatabase): BudgetStore {
  return { ...questions(database), ...changes(database) };
}

function questions(database: ControlDatabase): Pick<BudgetStore, 'list' | 'get'> {
  return {
    async list(project) {
      let query = database.selectFrom('budgets').selectAll();
      if (project !== undefined) query = query.where('project', '=', project);
      const rows = await query
        .orderBy('project')
        .orderBy('scope')
        .orderBy('subject')
        .orderBy('month')
        .execute();
      return rows.map(toBudget);
    },

    async get(project, id) {
      const row = await database
        .selectFrom('budgets')
        .selectAll()
        .where('project', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toBudget(row);
    },
  };
}

function changes(database: ControlDatabase): Omit<BudgetStore, 'list' | 'get'> {
  return {
    create: (budget, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const result = await transaction
          .insertInto('budgets')
          .values(fromBudget(budget))
          .onConflict((conflict) =>
            conflict.columns(['project', 'scope', 'subject', 'month']).doNothing(),
          )
          .executeTakeFirst();
        return result.numInsertedOrUpdatedRows !== 0n;
      }),

    replace: (budget, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const { id, project, ...changed } = fromBudget(budget);
        const result = await transaction
          .updateTable('budgets')
          .set(changed)
          .where('project', '=', project)
          .where('id', '=', id)
          .where((where) =>
            where.not(
              where.exists(
                where
                  .selectFrom('budgets as other')
                  .select('other.id')
                  .where('other.project', '=', project)
                  .where('other.scope', '=', budget.scope)
                  .where('other.subject', '=', budget.subject)
                  .where('other.month', '=', budget.month)
                  .where('other.id', '!=', id),
              ),
            ),
          )
          .executeTakeFirst();
        return result.numUpdatedRows !== 0n;
      }),

    remove: (project, id, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const result = await transaction
          .deleteFrom('budgets')
          .where('project', '=', project)
          .where('id', '=', id)
          .executeTakeFirst();
        return result.numDeletedRows !== 0n;
      }),
  };
}

function fromBudget(budget: Budget) {
  return {
    id: budget.id,
    project: budget.project,
    scope: budget.scope,
    subject: budget.subject,
    month: budget.month,
    amount: formatDollars(budget.amount),
    thresholds_json: JSON.stringify(budget.thresholds),
    enforced: budget.enforced ? 1 : 0,
    created_at_ms: budget.createdAtMs,
    updated_at_ms: budget.updatedAtMs,
  };
}

function toBudget(row: Selectable<ControlSchema['budgets']>): Budget {
  return {
    id: row.id,
    project: row.project,
    scope: row.scope as BudgetScope,
    subject: row.subject,
    month: row.month,
    amount: parseDollars(row.amount) ?? 0n,
    thresholds: JSON.parse(row.thresholds_json) as number[],
    enforced: row.enforced === 1,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}

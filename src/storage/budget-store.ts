import type { Budget } from '../model/budget.ts';
import type { AuditEntry } from './audit-log.ts';

/** Budgets: one per project, scope, subject and month. */
export interface BudgetStore {
  /** Of one project, or of all. */
  list(project?: string): Promise<readonly Budget[]>;
  get(project: string, id: string): Promise<Budget | undefined>;
  /** Resolves to false, and writes nothing, when there is one for the same subject and month. */
  create(budget: Budget, entry: AuditEntry): Promise<boolean>;
  /** Resolves to false, and writes nothing, when another is for the same subject and month, or it is gone. */
  replace(budget: Budget, entry: AuditEntry): Promise<boolean>;
  remove(project: string, id: string, entry: AuditEntry): Promise<boolean>;
}

import { Kysely, PostgresDialect, SqliteDialect } from 'kysely';

import { systemClock, type Clock } from '../../base/clock.ts';
import type { ControlStore } from '../control-store.ts';
import { createAgentStore } from './agent-rows.ts';
import { createAlertStore } from './alert-rows.ts';
import { createAnomalyStore } from './anomaly-rows.ts';
import { createAuditLog } from './audit-rows.ts';
import { createBudgetStore } from './budget-rows.ts';
import { createHealthStore } from './health-rows.ts';
import { createApprovalStore } from './approval-rows.ts';
import { createGrantStore } from './grant-rows.ts';
import { createKeyStore } from './key-rows.ts';
import { migrate } from './migrate.ts';
import { createPriceStore } from './price-rows.ts';
import { createQualitySettingStore } from './quality-rows.ts';
import { createRiskStore } from './risk-rows.ts';
import type { ControlDatabase, ControlSchema } from './schema.ts';
import { createSessionStore } from './session-rows.ts';
import { createSettingStore } from './setting-rows.ts';
import { createSigningKeyStore } from './signing-key-rows.ts';
import { openSqliteDatabase } from './sqlite-database.ts';
import { createToldApprovalStore } from './told-approval-rows.ts';
import { createToolPinStore } from './tool-pin-rows.ts';
import { createUserStore } from './user-rows.ts';
import { createSavedViewStore } from './view-rows.ts';

export type ControlStoreOptions = (
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string }
) & { readonly clock?: Clock };

/** Opens control data and brings its tables up to date. */
export async function openControlStore(options: ControlStoreOptions): Promise<ControlStore> {
  const database = openDatabase(options);
  try {
    await migrate(database, { kind: options.kind, clock: options.clock ?? systemClock });
  } catch (error) {
    await database.destroy();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    agents: createAgentStore(database),
    users: createUserStore(database),
    sessions: createSessionStore(database),
    keys: createKeyStore(database),
    signingKeys: createSigningKeyStore(database),
    auditLog: createAuditLog(database),
    settings: createSettingStore(database),
    alerts: createAlertStore(database),
    budgets: createBudgetStore(database),
    anomalies: createAnomalyStore(database),
    health: createHealthStore(database),
    risk: createRiskStore(database),
    approvals: createApprovalStore(database),
    toldApprovals: createToldApprovalStore(database),
    grants: createGrantStore(database),
    toolPins: createToolPinStore(database),
    prices: createPriceStore(database),
    quality: createQualitySettingStore(database),
    views: createSavedViewStore(database),
    close: () => (closing ??= database.destroy()),
  };
}

export function openDatabase(options: ControlStoreOptions): ControlDatabase {
  if (options.kind === 'sqlite') {
    const database = openSqliteDatabase(options.path);
    return new Kysely<ControlSchema>({ dialect: new SqliteDialect({ database }) });
  }
  const { url } = options;
  // Loaded by those alone who speak to PostgreSQL.
  const pool = async () => (await import('./postgres-pool.ts')).openPostgresPool(url);
  return new Kysely<ControlSchema>({ dialect: new PostgresDialect({ pool }) });
}

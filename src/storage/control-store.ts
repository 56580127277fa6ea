import type { AgentStore } from './agent-store.ts';
import type { AlertStore } from './alert-store.ts';
import type { AnomalyStore } from './anomaly-store.ts';
import type { ApprovalStore, GrantStore, ToolPinStore } from './approval-store.ts';
import type { AuditLog } from './audit-log.ts';
import type { BudgetStore } from './budget-store.ts';
import type { HealthStore } from './health-store.ts';
import type { KeyStore } from './key-store.ts';
import type { PriceStore } from './price-store.ts';
import type { QualitySettingStore } from './quality-setting-store.ts';
import type { RiskStore } from './risk-store.ts';
import type { SessionStore } from './session-store.ts';
import type { SavedViewStore } from './saved-view-store.ts';
import type { SettingStore } from './setting-store.ts';
import type { SigningKeyStore } from './signing-key-store.ts';
import type { ToldApprovalStore } from './told-approval-store.ts';
import type { UserStore } from './user-store.ts';

/**
 * Control data: who may do what, which agents there are, and what people decided.
 * Each method is one transaction. A method that takes an audit entry MUST keep the change and the entry, or neither.
 * What a method resolved MUST survive a crash of the process and of the machine.
 */
export interface ControlStore {
  readonly agents: AgentStore;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly keys: KeyStore;
  readonly signingKeys: SigningKeyStore;
  readonly auditLog: AuditLog;
  readonly settings: SettingStore;
  readonly alerts: AlertStore;
  readonly budgets: BudgetStore;
  readonly anomalies: AnomalyStore;
  readonly health: HealthStore;
  readonly risk: RiskStore;
  readonly approvals: ApprovalStore;
  readonly toldApprovals: ToldApprovalStore;
  readonly grants: GrantStore;
  readonly toolPins: ToolPinStore;
  readonly prices: PriceStore;
  readonly quality: QualitySettingStore;
  readonly views: SavedViewStore;

  /** Ends the connections. Safe to call twice. */
  close(): Promise<void>;
}

import type {
  Approval,
  ApprovalBinding,
  ApprovalStatus,
  ExecutionState,
  Grant,
  ToolPin,
} from '../model/approval.ts';
import type { AuditEntry } from './audit-log.ts';

export interface ApprovalFilter {
  readonly status?: ApprovalStatus | undefined;
  readonly agent?: string | undefined;
  /** A name, or a pattern in which `*` stands for any characters. */
  readonly tool?: string | undefined;
}

export interface ApprovalResolution {
  readonly project: string;
  readonly id: string;
  readonly status: Exclude<ApprovalStatus, 'pending'>;
  readonly resolvedBy: string;
  readonly reasoning: string | null;
  readonly confidence: number | null;
  readonly atMs: number;
  /** Until when an approved call may use the approval. */
  readonly usableUntilMs: number;
}

/** Approvals of tool calls. Every change MUST be durable when it resolves. */
export interface ApprovalStore {
  create(approval: Approval): Promise<void>;

  get(project: string, id: string): Promise<Approval | undefined>;

  /** Those whose id starts with `prefix`, ordered by id; at most `limit`. */
  findByPrefix(project: string, prefix: string, limit: number): Promise<readonly Approval[]>;

  /** One page, newest first, and how many fit. */
  find(
    project: string,
    filter: ApprovalFilter,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly approvals: readonly Approval[]; readonly total: number }>;

  /** Pending ones of every project above `afterId`, ordered by id; at most `limit`. */
  listPending(afterId: string, limit: number): Promise<readonly Approval[]>;

  /**
   * Of every project, in the order of their last changes, each with the number of that; at most `limit` after one of them.
   * Who asks on from the last answered hears of every change.
   */
  listChanged(
    after: { readonly change: number; readonly id: string },
    limit: number,
  ): Promise<readonly { readonly approval: Approval; readonly change: number }[]>;

  /** The pending one, or the approved one that was not used and has not expired, of exactly this call; the newest. */
  findUsable(binding: ApprovalBinding, nowMs: number): Promise<Approval | undefined>;

  /** How calls that are alike but for their arguments were decided before. */
  countDecisions(
    binding: Pick<ApprovalBinding, 'project' | 'agent' | 'tool'>,
  ): Promise<{ readonly approved: number; readonly denied: number }>;

  /** False, and nothing changes, when it is not pending: the first decision wins. */
  resolve(resolution: ApprovalResolution, entry: AuditEntry): Promise<boolean>;

  /**
   * Takes an approved, unused, unexpired approval for one execution. MUST be true for one caller at most, ever, whatever
   * crashes.
   */
  claim(project: string, id: string, nowMs: number): Promise<boolean>;

  /** Notes how the execution that was claimed ended. */
  finish(
    project: string,
    id: string,
    execution: Extract<ExecutionState, 'done' | 'failed'>,
    atMs: number,
  ): Promise<void>;

  /** Marks what an ended process left executing as interrupted, and answers it. */
  interruptExecuting(atMs: number): Promise<readonly Approval[]>;

  /** Removes what was resolved before the time. */
  removeResolvedBefore(beforeMs: number): Promise<void>;
}

export interface GrantStore {
  create(grant: Grant, entry: AuditEntry): Promise<void>;

  get(project: string, id: string): Promise<Grant | undefined>;

  /** Neither revoked, expired nor used up at `activeAtMs`; all when absent. Newest first, at most `limit`. */
  list(project: string, limit: number, activeAtMs?: number): Promise<readonly Grant[]>;

  /** Counts one use. False when the grant is revoked, expired or used up: then it does not cover the call. */
  use(project: string, id: string, nowMs: number): Promise<boolean>;

  /** False when it is not there or was revoked before. */
  revoke(project: string, id: string, atMs: number, entry: AuditEntry): Promise<boolean>;
}

export interface ToolPinStore {
  /** Of one server, or of all; ordered by server and tool. */
  list(project: string, server?: string): Promise<readonly ToolPin[]>;

  /** Adds pins of tools that were not seen before and notes or clears what is held of those that were. */
  put(pins: readonly ToolPin[]): Promise<void>;

  /** Makes the held definition the accepted one. False when none with that digest is held. */
  accept(
    pin: Pick<ToolPin, 'project' | 'server' | 'tool'>,
    digest: string,
    atMs: number,
    entry: AuditEntry,
  ): Promise<boolean>;
}

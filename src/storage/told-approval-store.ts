import type { ToldApproval } from '../model/approval.ts';
import type { ApprovalFilter } from './approval-store.ts';
import type { AuditEntry } from './audit-log.ts';

/** A gateway elsewhere that tells this server of its approvals. Times are milliseconds since 1970 UTC. */
export interface LinkedGateway {
  readonly project: string;
  /** As its key is labelled. */
  readonly name: string;
  /** Of its data directory: another one knows nothing of what the one before told. */
  readonly instance: string;
  /** Where it is reached by who can; '' when it did not say. */
  readonly url: string;
  readonly version: string;
  readonly heardAtMs: number;
  /** How far it has told of its approvals and its calls, in its own words; '' for not at all. */
  readonly approvalsCursor: string;
  readonly callsCursor: string;
}

/**
 * Approvals of gateways elsewhere, as those told of them: they decide, this remembers. Every change MUST be durable when
 * it resolves.
 */
export interface ToldApprovalStore {
  /**
   * Notes that a gateway is there. One of another instance than before has told nothing yet, and what waited in the one
   * before is forgotten.
   */
  greet(gateway: Omit<LinkedGateway, 'approvalsCursor' | 'callsCursor'>): Promise<LinkedGateway>;

  /**
   * Keeps approvals in place of what was told of them before, and how far the gateway has told. `entryOf` is asked for
   * those that are decided and were not known to be. Answers the ids that are another gateway's, which are not kept.
   */
  tell(
    gateway: Pick<LinkedGateway, 'project' | 'name'>,
    told: {
      readonly approvals: readonly ToldApproval[];
      readonly atMs: number;
      readonly approvalsCursor?: string | undefined;
      readonly callsCursor?: string | undefined;
    },
    entryOf: (approval: ToldApproval) => AuditEntry,
  ): Promise<readonly string[]>;

  /** By name. */
  listGateways(project: string): Promise<readonly LinkedGateway[]>;

  get(project: string, id: string): Promise<ToldApproval | undefined>;

  /** One page of the approvals of this store's own gateway and of all others, newest first, and how many fit. */
  findAll(
    project: string,
    filter: ApprovalFilter,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly approvals: readonly ToldApproval[]; readonly total: number }>;

  /** How many wait, by the gateway's name, of those whose time is not over. */
  countPending(project: string, nowMs: number): Promise<ReadonlyMap<string, number>>;

  /** Removes what was decided before the one time, and what nobody told the end of though it came before the other. */
  removeBefore(times: {
    readonly resolvedBeforeMs: number;
    readonly expiredBeforeMs: number;
  }): Promise<void>;
}

import { AppError } from '../../errors.ts';
import type { Approval } from '../../model/approval.ts';
import type { ApprovalDecision, ApprovalDesk } from './approval-desk.ts';

/** What a decision stands on. */
export interface DecisionDeps {
  readonly desk: Pick<ApprovalDesk, 'decide'>;
  /** Why approving it asks for a reason; none for a call like any other. */
  readonly dangersOf: (approval: Approval) => readonly string[];
}

/**
 * Decides, wherever the decision was made: page, API, terminal, signed link, supervisor. Throws `VALIDATION_ERROR` when a
 * dangerous call is approved without a reason, and what the desk throws.
 */
export async function decideApproval(
  { desk, dangersOf }: DecisionDeps,
  approval: Approval,
  decision: ApprovalDecision,
): Promise<Approval> {
  const reasoning = decision.reasoning?.trim() || undefined;
  if (approval.status === 'pending' && decision.status === 'approved' && reasoning === undefined) {
    const dangers = dangersOf(approval);
    if (dangers.length > 0) {
      const why = `approving this call asks for a reason: ${dangers.join(' ')}`;
      throw new AppError('VALIDATION_ERROR', `${why} Say why it may run.`);
    }
  }
  return desk.decide(approval.project, approval.id, { ...decision, reasoning });
}

import type { Approval } from '../model/approval.ts';
import type { ApprovalDesk } from './approvals/approval-desk.ts';
import type { CallFacts } from './policy/call-facts.ts';
import { compilePolicies } from './policy/compile-policies.ts';
import type { Policy } from './policy/policy-schema.ts';

export interface SupervisorRules {
  /** Rules in the form of a policy's: `allow` approves, `deny` denies, `human_approval` leaves it to a person. */
  readonly rules: Policy['rules'];
  /** Approve what was approved often before and never denied. */
  readonly auto_approve: boolean;
  readonly min_approvals: number;
}

export interface AutoDecision {
  readonly status: 'approved' | 'denied';
  readonly reasoning: string;
}

/** What can be decided without a person; undefined leaves it to one, as does every sign of an injection. */
export type Supervisor = (
  approval: Approval,
  facts: CallFacts,
) => Promise<AutoDecision | undefined>;

export function createSupervisor(
  { rules, auto_approve: autoApprove, min_approvals: minApprovals }: SupervisorRules,
  desk: Pick<ApprovalDesk, 'countDecisions'>,
): Supervisor {
  const policies = compilePolicies([{ name: 'supervisor', agent: '*', rules }]);
  return async (approval, facts) => {
    const { action, policy, rule } = policies.decide(facts);
    if (policy !== null && action === 'deny') {
      return { status: 'denied', reasoning: `rule ${rule}` };
    }
    if (approval.injectionRisk) return undefined;
    if (policy !== null) {
      return action === 'allow' ? { status: 'approved', reasoning: `rule ${rule}` } : undefined;
    }
    if (!autoApprove) return undefined;
    const { approved, denied } = await desk.countDecisions(approval);
    if (approved < minApprovals || denied > 0) return undefined;
    const reasoning = `${approved} calls of this agent to this tool were approved and none denied`;
    return { status: 'approved', reasoning };
  };
}

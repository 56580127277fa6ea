import type { Approval } from '../../model/approval.ts';
import type { AgentFacts } from '../agent-directory.ts';
import type { CatalogTool } from '../tool-catalog.ts';

/**
 * Why approving a call asks for a reason, as sentences; none for a call like any other. Taken anew whenever somebody
 * looks, since the agent and the tool may have changed while the call waited.
 */
export function dangersOf(
  approval: Pick<Approval, 'injectionRisk'>,
  tool: CatalogTool | undefined,
  /** Undefined where no registry knows agents. */
  agent: Pick<AgentFacts, 'status' | 'risk'> | undefined,
): readonly string[] {
  const dangers: string[] = [];
  if (approval.injectionRisk) {
    dangers.push('The arguments read like an attempt to talk somebody into it.');
  }
  if (isDestructive(tool)) dangers.push('The tool says of itself that it destroys or overwrites.');
  if (agent === undefined) return dangers;
  if (agent.risk === 'high' || agent.risk === 'critical' || agent.risk === 'unacceptable') {
    dangers.push(`The agent is of ${agent.risk} risk.`);
  }
  if (agent.status !== 'APPROVED') {
    const status = agent.status.toLowerCase().replace('_', ' ');
    dangers.push(`The agent itself is not approved: it is ${status}.`);
  }
  return dangers;
}

/** By the hint of MCP that a tool may carry. */
function isDestructive(tool: CatalogTool | undefined): boolean {
  const hints = tool?.tool.rest?.['annotations'];
  if (typeof hints !== 'object' || hints === null) return false;
  return (hints as Readonly<Record<string, unknown>>)['destructiveHint'] === true;
}

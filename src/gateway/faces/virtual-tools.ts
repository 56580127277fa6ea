import { messageOf } from '../../errors.ts';
import type { Approval } from '../../model/approval.ts';
import type { Caller, JsonObject } from '../tool-call.ts';
import { decideApproval } from '../approvals/decide-approval.ts';
import { withholdContent } from '../withhold-content.ts';
import type { McpDeps } from './mcp-server.ts';

/** Tools of the gateway itself: what there is, and how an approval stands. Deciding is for supervisors alone. */

const ID = { type: 'string', description: 'The id of an approval, or its beginning.' } as const;

const CATALOG = {
  name: 'mesh.catalog',
  description: 'Lists the tools behind this gateway and what would be decided about each.',
  inputSchema: { type: 'object' as const, properties: {}, additionalProperties: false },
  annotations: { readOnlyHint: true },
};

const STATUS = {
  name: 'approval.status',
  description: 'Tells how an approval of one of your calls stands.',
  inputSchema: { type: 'object' as const, properties: { id: ID }, required: ['id'] },
  annotations: { readOnlyHint: true },
};

const PENDING = {
  name: 'approval.pending',
  description: 'Lists the calls of other agents that wait for a decision.',
  inputSchema: { type: 'object' as const, properties: {}, additionalProperties: false },
  annotations: { readOnlyHint: true },
};

const RESOLVE = {
  name: 'approval.resolve',
  description: 'Approves or denies a call of another agent that waits.',
  inputSchema: {
    type: 'object' as const,
    properties: {
      id: ID,
      decision: { type: 'string', enum: ['approve', 'deny'] },
      reasoning: { type: 'string' },
      confidence: { type: 'number', minimum: 0, maximum: 1 },
    },
    required: ['id', 'decision'],
  },
};

const PENDING_MAX = 100;

export function virtualTools(deps: McpDeps, caller: Caller) {
  return deps.isSupervisor(caller) ? [CATALOG, STATUS, PENDING, RESOLVE] : [CATALOG, STATUS];
}

/** Undefined for a tool that is none of these. */
export async function callVirtualTool(
  deps: McpDeps,
  caller: Caller,
  { name, params }: { readonly name: string; readonly params: JsonObject },
) {
  if (virtualTools(deps, caller).every((tool) => tool.name !== name)) return undefined;
  try {
    const value = await run(deps, caller, { name, params });
    return { content: [{ type: 'text' as const, text: JSON.stringify(value, null, 2) }] };
  } catch (error) {
    return { content: [{ type: 'text' as const, text: messageOf(error) }], isError: true };
  }
}

async function run(
  deps: McpDeps,
  caller: Caller,
  { name, params }: { readonly name: string; readonly params: JsonObject },
): Promise<unknown> {
  if (name === CATALOG.name) {
    return deps.catalog.list().map(({ name: tool, tool: { description } }) => {
      const { action, rule } = deps.governor.preview(caller, tool, {});
      return { tool, description, action, rule };
    });
  }
  if (name === PENDING.name) {
    const page = { offset: 0, limit: PENDING_MAX };
    const found = await deps.desk.find(caller.project, { status: 'pending' }, page);
    return found.approvals
      .filter(({ agent }) => agent !== caller.agent)
      .map((approval) => shown(approval, deps.exposeContent));
  }
  const approval = await deps.desk.get(caller.project, String(params['id']));
  if (name === STATUS.name) {
    if (approval.agent !== caller.agent) throw new Error('it is about a call of another agent');
    return shown(approval, true);
  }
  return resolve(deps, caller, { approval, params });
}

async function resolve(
  deps: McpDeps,
  caller: Caller,
  { approval, params }: { readonly approval: Approval; readonly params: JsonObject },
): Promise<unknown> {
  if (approval.agent === caller.agent) {
    throw new Error('an agent cannot decide about its own calls');
  }
  const { decision, reasoning, confidence } = params;
  if (decision !== 'approve' && decision !== 'deny') {
    throw new Error('decision must be approve or deny');
  }
  const decided = await decideApproval(deps, approval, {
    status: decision === 'approve' ? 'approved' : 'denied',
    actor: { kind: 'service', id: caller.agent, name: `agent:${caller.agent}` },
    reasoning: typeof reasoning === 'string' ? reasoning.slice(0, 4_000) : undefined,
    confidence: typeof confidence === 'number' ? Math.min(1, Math.max(0, confidence)) : undefined,
  });
  return shown(decided, deps.exposeContent);
}

function shown(approval: Approval, exposeContent: boolean) {
  const { id, agent, tool, status, execution, injectionRisk, resolvedBy, reasoning } = approval;
  const params = JSON.parse(approval.paramsJson) as unknown;
  return {
    id,
    agent_id: agent,
    tool,
    params: exposeContent ? params : withholdContent(params),
    status,
    execution,
    injection_risk: injectionRisk,
    expires_at: new Date(approval.expiresAtMs).toISOString(),
    resolved_by: resolvedBy,
    reasoning,
  };
}

import { hasInjectionRisk } from '../injection.ts';
import type { TraceEntry } from '../trace-entry.ts';
import type { CallFacts } from './call-facts.ts';
import { withDefaultAction, type Decision, type PolicySet } from './compile-policies.ts';
import { createRecordedDecider } from './decide-recorded.ts';
import type { PolicyAction } from './policy-schema.ts';

/** A recorded call that other policies would decide otherwise, or that they cannot be asked about. */
export interface DryRunRow {
  readonly trace_id: string;
  readonly span_id: string;
  readonly timestamp: string;
  readonly agent: string;
  readonly tool: string;
  readonly was: PolicyAction;
  /** Null when it cannot be told. */
  readonly is: PolicyAction | null;
  readonly rule: string;
  /** Why it cannot be told; '' when it can. */
  readonly because: string;
}

export interface DryRun {
  /** Recorded calls that policies decided about. */
  readonly calls: number;
  /** Those that the registry, a limit or a changed tool decided, which are not decided anew. */
  readonly passedOver: number;
  readonly changed: readonly DryRunRow[];
  readonly undecidable: readonly DryRunRow[];
}

export interface DryRunOptions {
  readonly policies: Pick<PolicySet, 'candidatesOf'>;
  /** Of command-line tools, the `default_action` by the tool's name. */
  readonly defaults: ReadonlyMap<string, PolicyAction>;
  /** What is known of the agent now; undefined where no registry is asked. */
  readonly agentOf?: (agent: string) => Pick<CallFacts, 'status' | 'risk' | 'budget'>;
}

/** Decides recorded calls anew. What was decided by a grant was asked for before it. */
export function dryRun(entries: readonly TraceEntry[], options: DryRunOptions): DryRun {
  const decide = createRecordedDecider(options.policies);
  const changed: DryRunRow[] = [];
  const undecidable: DryRunRow[] = [];
  let calls = 0;
  for (const entry of entries) {
    const was = decidedBefore(entry);
    if (was === undefined) continue;
    calls += 1;
    const answer = decide({
      facts: factsOf(entry, options),
      knowsAgent: options.agentOf !== undefined,
    });
    const settle = (decision: Decision): Decision => settled(decision, entry.tool, options);
    const possible = (answer.kind === 'decided' ? [answer.decision] : answer.possible).map(settle);
    const [first] = possible;
    if (possible.every(({ action }) => action === first!.action)) {
      if (first!.action !== was) {
        changed.push(rowOf(entry, { was, is: first!.action, rule: first!.rule, because: '' }));
      }
      continue;
    }
    const because = answer.kind === 'undecidable' ? answer.because : '';
    undecidable.push(rowOf(entry, { was, is: null, rule: first!.rule, because }));
  }
  return { calls, passedOver: entries.length - calls, changed, undecidable };
}

/** What policies decided about the call; undefined where they were not asked. */
function decidedBefore({ policy, policy_rule: rule }: TraceEntry): PolicyAction | undefined {
  if (/^(?:registry|tools)\/|\/budget_limit$/.test(rule)) return undefined;
  if (rule.startsWith('grant:')) return 'human_approval';
  return policy === 'allow' || policy === 'deny' || policy === 'human_approval'
    ? policy
    : undefined;
}

function factsOf(
  { agent_id: agent, tool, params, timestamp }: TraceEntry,
  { agentOf }: DryRunOptions,
): CallFacts {
  const { model } = params;
  return {
    agent,
    tool,
    params,
    model: typeof model === 'string' ? model : undefined,
    ...(agentOf?.(agent) ?? { status: 'UNKNOWN', risk: 'unknown', budget: 'unknown' }),
    spentUsd: () => undefined,
    hasInjectionRisk: () => hasInjectionRisk(params),
    nowMs: Date.parse(timestamp),
  };
}

function settled(decision: Decision, tool: string, { defaults }: DryRunOptions): Decision {
  const server = tool.split('.', 1)[0]!;
  const action = defaults.get(server);
  return action === undefined ? decision : withDefaultAction(decision, { tool, server, action });
}

function rowOf(
  { trace_id, span_id, timestamp, agent_id: agent, tool }: TraceEntry,
  about: Pick<DryRunRow, 'was' | 'is' | 'rule' | 'because'>,
): DryRunRow {
  return { trace_id, span_id, timestamp, agent, tool, ...about };
}

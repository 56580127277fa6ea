import type { AgentFacts } from './agent-directory.ts';
import type { CatalogTool } from './tool-catalog.ts';
import { compileGlob } from '../base/glob.ts';
import type { PolicyAction } from './policy/policy-schema.ts';

/** What the review state of an agent lets it do. */
export interface RegistryRules {
  /** For `UNREVIEWED` and `PENDING_REVIEW`; `reads`: tools that change nothing, and no others. */
  readonly unreviewed: 'reads' | PolicyAction;
  /** For those that the registry has not seen. */
  readonly unknown: 'reads' | PolicyAction;
  /** For an approved agent that has changed since. */
  readonly changed: 'reads' | PolicyAction;
  /** Patterns of the names of tools that change nothing. */
  readonly read_tools: readonly string[];
  /** While the registry cannot be reached: by what was known last, or not at all. */
  readonly when_unreachable: 'last_known' | 'deny';
  /** For how long what was known last counts. */
  readonly last_known_seconds: number;
}

export interface GateAnswer {
  /** `pass` leaves the decision to the policies. */
  readonly action: 'pass' | 'deny' | 'human_approval';
  readonly rule: string;
  readonly reason: string;
}

const PASS: GateAnswer = { action: 'pass', rule: '', reason: '' };

export type RegistryGate = (
  agent: string,
  facts: AgentFacts,
  tool: CatalogTool | undefined,
) => GateAnswer;

/** Compiles the rules. Without a tool it answers for the agent as such. `isStale` says whether the facts may be old. */
export function createRegistryGate(
  rules: RegistryRules,
  options: {
    readonly hasRegistry: boolean;
    readonly isStale: () => boolean;
    /** How old what is known is, in milliseconds. */
    readonly ageMs: () => number;
  },
): RegistryGate {
  const reads = rules.read_tools.map(compileGlob);
  const isRead = ({ name, tool }: CatalogTool): boolean =>
    tool.readOnly ?? reads.some((test) => test(name));
  return (agent, facts, tool) => {
    if (!options.hasRegistry) return PASS;
    const { status } = facts;
    if (status === 'SUSPENDED' || status === 'RETIRED' || status === 'DISMISSED') {
      const reason = `the agent ${agent} is ${status.toLowerCase()}; somebody must approve it in the registry first`;
      return { action: 'deny', rule: `registry/${status}`, reason };
    }
    const cutOff = options.isStale() ? refusalWhenCutOff(agent, status) : undefined;
    if (cutOff !== undefined) {
      const reason = `the registry cannot be reached, and ${cutOff}`;
      return { action: 'deny', rule: 'registry/unreachable', reason };
    }
    const [rule, action] = ruleOf(facts);
    if (rule === '' || action === 'allow') return PASS;
    if (action === 'reads') {
      if (tool === undefined || isRead(tool)) return PASS;
      const reason = `the agent ${agent} is ${rule.toLowerCase()}, and such agents may read alone; review it in the registry`;
      return { action: 'deny', rule: `registry/${rule}`, reason };
    }
    const reason = `the agent ${agent} is ${rule.toLowerCase()}; review it in the registry`;
    return { action, rule: `registry/${rule}`, reason };
  };

  /** Who was known goes on for a while; whom nobody vouches for does not. */
  function refusalWhenCutOff(agent: string, status: AgentFacts['status']): string | undefined {
    if (rules.when_unreachable === 'deny') return 'nothing is allowed until it can';
    if (status === 'UNKNOWN') return `it did not know the agent ${agent} when it answered last`;
    if (options.ageMs() <= rules.last_known_seconds * 1_000) return undefined;
    return `it answered last more than ${rules.last_known_seconds} seconds ago (registry.last_known_seconds)`;
  }

  function ruleOf({ status, changedSinceReview }: AgentFacts): [string, 'reads' | PolicyAction] {
    if (status === 'UNKNOWN') return ['UNKNOWN', rules.unknown];
    if (status === 'UNREVIEWED' || status === 'PENDING_REVIEW') return [status, rules.unreviewed];
    return changedSinceReview ? ['CHANGED', rules.changed] : ['', 'allow'];
  }
}

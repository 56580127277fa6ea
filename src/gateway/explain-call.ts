import type { Decision } from './policy/compile-policies.ts';
import type { RuleVerdict } from './policy/explain-policies.ts';
import type { GateAnswer } from './registry-gate.ts';

/** What would be decided about a call, and what was asked before it was decided. */
export interface Explanation extends Decision {
  /** Everything that had a say, in its order; the last one decides, or none does. */
  readonly considered: readonly RuleVerdict[];
  /** The grant in whose name nobody would be asked. */
  readonly grant: string | undefined;
}

/** What is asked before and after the policies stands among the rules, where it has a say. */
export function withOthers(
  rules: readonly RuleVerdict[],
  { rule, action, reason }: Decision,
  gate: GateAnswer,
): readonly RuleVerdict[] {
  const own: RuleVerdict = { rule, action, outcome: 'decides', why: reason };
  if (gate.action === 'deny' || rule === 'tools/changed') return [own];
  if (rules.some((each) => each.outcome === 'decides' && each.rule === rule)) return rules;
  // The registry asks for a person where a rule allows; a program's default stands where no rule decides.
  const asked = rules.map((each) =>
    each.outcome === 'decides' ? { ...each, outcome: 'overruled' as const } : each,
  );
  return [...asked, own];
}

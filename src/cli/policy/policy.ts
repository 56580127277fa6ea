import { readFileSync } from 'node:fs';

import { environment } from '../../config.ts';
import { AppError, messageOf } from '../../errors.ts';
import { loadGatewayFile } from '../../gateway/load-gateway-file.ts';
import { compilePolicies } from '../../gateway/policy/compile-policies.ts';
import { issueText, parseYamlFile } from '../../gateway/policy/parse-policies.ts';
import {
  policyCasesSchema,
  runPolicyCases,
  type CaseResult,
  type TestedPolicies,
} from '../../gateway/policy/policy-cases.ts';
import { isTraceEntry, type TraceEntry } from '../../gateway/trace-entry.ts';
import { oneLine } from '../terminal.ts';

export interface PolicyFlags {
  readonly config: string;
  readonly json?: true;
}

export interface DryRunFlags extends PolicyFlags {
  readonly traces?: string;
}

/** `signalbox policy test`: exits 1 when a case is not decided as it expects. */
export function test(casesFile: string, flags: PolicyFlags): void {
  const parsed = policyCasesSchema.safeParse(parseYamlFile(readText(casesFile), casesFile));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((each) => `${each.path.join('.')}: ${issueText(each)}`);
    throw new AppError('VALIDATION_ERROR', `${casesFile} is not valid:\n  ${faults.join('\n  ')}`);
  }
  const results = runPolicyCases(policiesOf(flags), parsed.data.cases, Date.now());
  const failed = results.filter(({ passed }) => !passed);
  if (flags.json) console.log(JSON.stringify(results.map(caseJson), null, 2));
  else for (const result of results) console.log(caseText(result));
  console.error(`${results.length - failed.length} of ${results.length} cases are as expected.`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

/** `signalbox policy dry-run`: what the policies would have done to calls of a trace file; exits 1 when anything differs. */
export function dryRun(flags: DryRunFlags): void {
  const file = flags.traces ?? loadGatewayFile(flags.config, environment()).config.trace_file;
  if (file === undefined) {
    throw new AppError('VALIDATION_ERROR', 'name recorded calls with --traces FILE');
  }
  const policies = policiesOf(flags);
  const changes = readEntries(file).flatMap((entry) => changeOf(policies, entry) ?? []);
  if (flags.json) console.log(JSON.stringify(changes, null, 2));
  else {
    for (const { agent, tool, was, is, rule, trace_id: traceId } of changes) {
      console.log(oneLine(`${traceId}  ${agent}  ${tool}  ${was} → ${is} (${rule})`));
    }
  }
  console.error(`${changes.length} calls would be decided otherwise.`);
  process.exitCode = changes.length === 0 ? 0 : 1;
}

function changeOf(policies: TestedPolicies, entry: TraceEntry) {
  // The registry decided, or that a tool's definition changed: policies were not asked.
  if (/^(?:registry|tools)\//.test(entry.policy_rule)) return undefined;
  const decided = entry.policy_rule.startsWith('grant:') ? 'human_approval' : entry.policy;
  if (decided !== 'allow' && decided !== 'deny' && decided !== 'human_approval') return undefined;
  const { agent_id: agent, tool, params, timestamp, trace_id } = entry;
  const each = policyCasesSchema.shape.cases.element.parse({
    agent,
    tool,
    params,
    at: timestamp,
    expect: decided,
  });
  const [result] = runPolicyCases(policies, [each], Date.now());
  const { action, rule } = result!.decision;
  return action === decided ? undefined : { trace_id, agent, tool, was: decided, is: action, rule };
}

function readEntries(file: string): TraceEntry[] {
  return readText(file)
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line, index) => {
      try {
        const entry: unknown = JSON.parse(line);
        return isTraceEntry(entry) ? [entry] : [];
      } catch {
        console.error(`${file}:${index + 1} is no recorded call; it is passed over.`);
        return [];
      }
    });
}

function policiesOf({ config: file }: PolicyFlags): TestedPolicies {
  const { config, policies } = loadGatewayFile(file, environment());
  const defaults = new Map(config.cli_tools.map((tool) => [tool.name, tool.default_action]));
  return { policies: compilePolicies(policies), defaults };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AppError('NOT_FOUND', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

const caseJson = ({ case: each, decision, passed }: CaseResult) => ({
  ...each,
  passed,
  action: decision.action,
  decided_by: decision.rule,
});

function caseText({ case: each, decision, passed }: CaseResult): string {
  const title = each.name ?? `${each.agent} ${each.tool}`;
  const expected = each.rule === undefined ? each.expect : `${each.expect} by ${each.rule}`;
  const detail = passed ? '' : `: expected ${expected}`;
  return `${passed ? 'ok    ' : 'WRONG '} ${title}  ${decision.action} by ${decision.rule}${detail}`;
}

import { readFileSync } from 'node:fs';

import { environment } from '../../config.ts';
import { AppError, messageOf } from '../../errors.ts';
import { loadGatewayFile } from '../../gateway/load-gateway-file.ts';
import { compilePolicies } from '../../gateway/policy/compile-policies.ts';
import { dryRun as decideAnew } from '../../gateway/policy/dry-run.ts';
import { issueText, parseYamlFile } from '../../gateway/policy/parse-policies.ts';
import {
  policyCasesSchema,
  runPolicyCases,
  type CaseResult,
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

/**
 * `signalbox policy dry-run`: what the policies would have done to calls of a trace file. Exits 1 when a call would be
 * decided otherwise, else 2 when of some nobody can tell, because the rules look at what was not recorded.
 */
export function dryRun(flags: DryRunFlags): void {
  const file = flags.traces ?? loadGatewayFile(flags.config, environment()).config.trace_file;
  if (file === undefined) {
    throw new AppError('VALIDATION_ERROR', 'name recorded calls with --traces FILE');
  }
  const { changed, undecidable } = decideAnew(readEntries(file), policiesOf(flags));
  if (flags.json) console.log(JSON.stringify([...changed, ...undecidable], null, 2));
  else {
    for (const { agent, tool, was, is, rule, trace_id: traceId } of changed) {
      console.log(oneLine(`${traceId}  ${agent}  ${tool}  ${was} → ${is} (${rule})`));
    }
    for (const { agent, tool, was, rule, because, trace_id: traceId } of undecidable) {
      console.log(
        oneLine(`${traceId}  ${agent}  ${tool}  ${was} → ? (${rule} looks at ${because})`),
      );
    }
  }
  console.error(`${changed.length} calls would be decided otherwise.`);
  if (undecidable.length > 0) {
    console.error(
      `Of ${undecidable.length} calls nobody can tell: secrets were taken out of their arguments, or they were cut, before they were recorded.`,
    );
  }
  process.exitCode = changed.length > 0 ? 1 : undecidable.length > 0 ? 2 : 0;
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

function policiesOf({ config: file }: PolicyFlags) {
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

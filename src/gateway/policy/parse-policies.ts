import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';

import { AppError, messageOf } from '../../errors.ts';
import { policiesSchema, policySchema, type Policy } from './policy-schema.ts';

/** Reads YAML or JSON; throws `POLICY_INVALID` with the file's name. */
export function parseYamlFile(text: string, file: string): unknown {
  try {
    return parseYaml(text, { maxAliasCount: 100 }) as unknown;
  } catch (error) {
    const message = `${file} cannot be read: ${messageOf(error)}`;
    throw new AppError('POLICY_INVALID', message, { cause: error });
  }
}

/** One policy of a file in `policy_dir`. Throws `POLICY_INVALID` with every fault and its place. */
export function parsePolicy(value: unknown, file: string): Policy {
  return checked(policySchema, value, file);
}

/** All policies; throws `POLICY_INVALID` when two have one name. */
export function checkPolicies(policies: readonly unknown[], file: string): readonly Policy[] {
  return checked(policiesSchema, policies, file);
}

function checked<T extends z.ZodType>(schema: T, value: unknown, file: string): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issueText(issue)}`);
  throw new AppError('POLICY_INVALID', `${file} is not valid:\n  ${faults.join('\n  ')}`);
}

/** A union's own message says nothing; the branch that came furthest says what is wrong. */
export function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue.message;
  const nearest = issue.errors.toSorted((a, b) => a.length - b.length || depth(b) - depth(a))[0]!;
  return nearest.map((inner) => [...inner.path, issueText(inner)].join(': ')).join('; ');
}

const depth = (issues: readonly z.core.$ZodIssue[]): number =>
  Math.max(0, ...issues.map(({ path }) => path.length));

import { AppError } from '../../errors.ts';
import { compilePolicies, type PolicySet } from './compile-policies.ts';
import { checkPolicies, parseYamlFile } from './parse-policies.ts';

const NAME = 'the proposed policies';

/**
 * Compiles policies that somebody thinks about: a gateway's file, of which `policies` alone is read, a list of policies,
 * or one. Throws `POLICY_INVALID`.
 */
export function proposedPolicies(yaml: string): PolicySet {
  const value = parseYamlFile(yaml, NAME);
  if (Array.isArray(value)) return compilePolicies(checkPolicies(value, NAME));
  if (typeof value !== 'object' || value === null) {
    const remedy = 'paste a gateway.yaml, a list of policies, or one policy';
    throw new AppError('POLICY_INVALID', `${NAME} are no policies; ${remedy}`);
  }
  const { policies } = value as { readonly policies?: unknown };
  const list = Array.isArray(policies) ? (policies as unknown[]) : [value];
  return compilePolicies(checkPolicies(list, NAME));
}

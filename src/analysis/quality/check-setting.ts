import type { CheckId, Severity } from '../../model/quality.ts';
import { SEVERITIES } from '../../model/quality.ts';
import type { AnyCheck } from './check.ts';
import type { CheckParams } from './checks.ts';
import { CHECKS, completeParams } from './checks.ts';

/** What the agent's outputs and history say about a check. */
export interface Inference {
  readonly checkId: CheckId;
  readonly enabled: boolean;
  readonly params: CheckParams;
  /** A sentence for the person. */
  readonly reason: string;
  /** 0 to 1: the lower bound of the share of runs that speak for it, or a fixed one where a name does. */
  readonly confidence: number;
  /** Runs that were looked at. */
  readonly runs: number;
}

/** What a person decided about a check of an agent; what is absent is left to inference and defaults. */
export interface CheckOverride {
  readonly checkId: CheckId;
  readonly enabled?: boolean;
  readonly severity?: Severity;
  readonly params?: CheckParams;
}

/** A check as it is made on an agent's runs. */
export interface CheckSetting {
  readonly check: AnyCheck;
  readonly enabled: boolean;
  readonly severity: Severity;
  readonly params: CheckParams;
  readonly origin: 'default' | 'inferred' | 'override';
  readonly reason: string;
  readonly confidence: number | null;
}

/** Overrides before inference before defaults, parameter by parameter; in the order of the catalogue. */
export function settingsOf(
  inferences: readonly Inference[],
  overrides: readonly CheckOverride[],
): readonly CheckSetting[] {
  return CHECKS.map((check) => {
    const inference = inferences.find(({ checkId }) => checkId === check.id);
    const override = overrides.find(({ checkId }) => checkId === check.id);
    const params = completeParams(check, { ...inference?.params, ...override?.params });
    const severity = override?.severity ?? check.severity;
    const given = override !== undefined && Object.keys(override).length > 1;
    return {
      check,
      enabled: override?.enabled ?? inference?.enabled ?? check.onByDefault,
      severity: SEVERITIES.includes(severity) ? severity : check.severity,
      params,
      origin: given ? 'override' : inference === undefined ? 'default' : 'inferred',
      reason: reasonOf(check, inference, given),
      confidence: given ? null : (inference?.confidence ?? null),
    };
  });
}

function reasonOf(check: AnyCheck, inference: Inference | undefined, given: boolean): string {
  const found = inference?.reason;
  if (given)
    return found === undefined ? 'Set by a person.' : `Set by a person. Inferred: ${found}`;
  if (found !== undefined) return found;
  return check.onByDefault
    ? 'Made on every agent.'
    : 'Nothing in the name, the outputs or the history of the agent asks for it.';
}

import type { z } from 'zod';

import type { CheckId, QualityEvidence, Severity } from '../../model/quality.ts';
import type { RunDetail } from '../../model/run.ts';
import { redactText } from '../../model/secrets.ts';

/** What a check found. */
export type Verdict =
  | { readonly kind: 'passed'; readonly expected: string; readonly actual: string }
  | {
      readonly kind: 'failed';
      readonly expected: string;
      readonly actual: string;
      /** Actual less expected, where both are numbers. */
      readonly delta?: number;
      readonly message: string;
      readonly evidence: QualityEvidence;
    }
  | { readonly kind: 'not_applicable'; readonly reason: string };

/**
 * A deterministic check: the same run and parameters always give the same verdict. `evaluate` is pure, never throws
 * for whatever an agent wrote, and looks at no more text than a run carries.
 */
export interface Check<Params extends z.ZodObject = z.ZodObject> {
  readonly id: CheckId;
  readonly severity: Severity;
  /** A sentence that says what passes. */
  readonly summary: string;
  /** Made unless somebody switches it off; the others wait for a reason in what the agent does. */
  readonly onByDefault: boolean;
  readonly params: Params;
  readonly evaluate: (detail: RunDetail, params: z.infer<Params>) => Verdict;
}

/** A check among others; its parameters are held against its schema before they reach it. */
export type AnyCheck = Omit<Check, 'evaluate'> & {
  readonly evaluate: (detail: RunDetail, params: never) => Verdict;
};

export function defineCheck<Params extends z.ZodObject>(check: Check<Params>): AnyCheck {
  return check;
}

export const passed = (expected: string, actual: string): Verdict => ({
  kind: 'passed',
  expected,
  actual: quote(actual, ACTUAL_MAX),
});

export const notApplicable = (reason: string): Verdict => ({ kind: 'not_applicable', reason });

const ACTUAL_MAX = 300;
const MESSAGE_MAX = 500;
const EVIDENCE_MAX = 500;
/** How much is looked through for secrets before a cut, so that none is cut in two. */
const LOOKED_THROUGH = 4_096;
const CONTEXT = 60;

/** The beginning of a text of an agent as it may be kept: without secrets. */
export function quote(text: string, lengthMax: number): string {
  return cut(redactText(text.slice(0, LOOKED_THROUGH)), lengthMax);
}

/** Cuts a text to so many UTF-16 units, never through a pair, and marks the cut. */
export function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const end = /[\uD800-\uDBFF]/.test(text[lengthMax - 2]!) ? lengthMax - 2 : lengthMax - 1;
  return `${text.slice(0, end)}…`;
}

export function failed(found: {
  readonly expected: string;
  readonly actual: string;
  readonly delta?: number;
  readonly message: string;
  readonly spanId: string;
  readonly value: string;
}): Verdict {
  const { expected, actual, delta, message, spanId, value } = found;
  return {
    kind: 'failed',
    expected,
    actual: quote(actual, ACTUAL_MAX),
    ...(delta === undefined ? {} : { delta }),
    message: quote(message, MESSAGE_MAX),
    evidence: { spanId, value: quote(value, EVIDENCE_MAX) },
  };
}

/** A found piece of text with a little of what stands around it, without secrets. */
export function around(text: string, index: number, length: number): string {
  const before = redactText(text.slice(Math.max(0, index - LOOKED_THROUGH), index));
  const end = index + length;
  const after = redactText(text.slice(end, end + LOOKED_THROUGH));
  const start = before.length > CONTEXT ? `…${before.slice(-CONTEXT)}` : before;
  return `${start}${text.slice(index, end)}${cut(after, CONTEXT)}`;
}

import type { Severity } from './quality.ts';

/** Business rules: checks that users write. Types alone. */

export const RULE_TYPES = [
  'INPUT_OUTPUT_CONSISTENCY',
  'THRESHOLD_RANGE',
  'PATTERN_FORMAT',
  'COMPLETENESS',
] as const;
export type RuleType = (typeof RULE_TYPES)[number];

/** What a threshold can be held against besides a field of the output. */
export const RULE_MEASURES = [
  'duration_ms',
  'cost_usd',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'model_calls',
  'tool_calls',
  'retries',
  'error_count',
  'output_characters',
] as const;
export type RuleMeasure = (typeof RULE_MEASURES)[number];

export const RULE_FORMATS = ['EMAIL', 'URL', 'PHONE'] as const;
export type RuleFormat = (typeof RULE_FORMATS)[number];

/** Paths are such as `invoice.lines[0].amount`; '' is the text as a whole. */
export type RuleDefinition =
  | {
      readonly type: 'INPUT_OUTPUT_CONSISTENCY';
      /** Fields of the input that the output must agree with. */
      readonly pairs: readonly {
        readonly input: string;
        readonly output: string;
        readonly compare: 'equal' | 'contains' | 'number';
      }[];
      /** What it finds in the input (its first group, else all of it) must stand in the output; '' for none. */
      readonly pattern: string;
    }
  | {
      readonly type: 'THRESHOLD_RANGE';
      /** A field of the output, or the measure of the run: one of the two is given. */
      readonly field: string;
      readonly measure: RuleMeasure | null;
      /** Inclusive. */
      readonly min: number | null;
      readonly max: number | null;
    }
  | {
      readonly type: 'PATTERN_FORMAT';
      readonly source: 'input' | 'output';
      readonly field: string;
      /** A pattern or a format: one of the two is given. RE2 syntax. */
      readonly pattern: string;
      readonly format: RuleFormat | null;
      /** Whether the text must be of the form as a whole, or have it somewhere. */
      readonly whole: boolean;
      /** False: the text must not have the form. */
      readonly must_match: boolean;
    }
  | {
      readonly type: 'COMPLETENESS';
      readonly fields: readonly string[];
      /** Texts that must stand in the output; case is ignored. */
      readonly phrases: readonly string[];
      readonly min_characters: number;
    };

export interface QualityRule {
  readonly id: string;
  readonly project: string;
  /** Results of the rule are named `BR: <name>`. */
  readonly name: string;
  readonly description: string;
  /** The names of runs that it is for: of the root span, `*` for any characters, `?` for one; '' for all. */
  readonly targetTraceName: string;
  /** The same for names of agents. */
  readonly targetAgent: string;
  readonly severity: Severity;
  readonly enabled: boolean;
  readonly definition: RuleDefinition;
  /** Milliseconds since 1970 UTC. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

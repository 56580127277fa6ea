import { z } from 'zod';

/** Policies as people write them in YAML. */

export const POLICY_ACTIONS = ['allow', 'deny', 'human_approval'] as const;

export type PolicyAction = (typeof POLICY_ACTIONS)[number];

const ORDER_OPERATORS = ['<', '<=', '>', '>='] as const;
const SAME_OPERATORS = ['==', '!='] as const;
const TEXT_OPERATORS = ['starts_with', 'ends_with', 'contains'] as const;

const scalar = z.union([z.string().max(10_000), z.number(), z.boolean()]);

/** Where in the arguments to look: names and array indexes joined by dots, with or without `params.` before them. */
const field = z
  .string()
  .min(1)
  .max(512)
  .refine((path) => path.split('.').every((part) => part !== ''), 'has an empty part');

const fieldCondition = z.union([
  z.strictObject({
    field,
    operator: z.enum(ORDER_OPERATORS),
    value: z.number(),
  }),
  z.strictObject({ field, operator: z.enum(SAME_OPERATORS), value: scalar }),
  z.strictObject({ field, operator: z.enum(TEXT_OPERATORS), value: z.string().max(10_000) }),
  z.strictObject({
    field,
    operator: z.enum(['in', 'not_in']),
    value: z.array(scalar).min(1).max(1_000),
  }),
  z.strictObject({ field, operator: z.literal('matches'), value: z.string().min(1).max(1_000) }),
  z.strictObject({ field, operator: z.literal('exists'), value: z.boolean().default(true) }),
]);

const names = z.array(z.string().min(1).max(256)).min(1).max(100);
const clockTime = z.string().regex(/^([01]\d|2[0-4]):[0-5]\d$/, 'write HH:MM, e.g. 09:00');

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const timeWindow = z.strictObject({
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .default([...WEEKDAYS]),
  from: clockTime.default('00:00'),
  /** Exclusive; earlier than `from` for a window that spans midnight. */
  to: clockTime.default('24:00'),
  timezone: z.string().default('UTC').refine(isTimeZone, 'is no time zone such as Europe/Vienna'),
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format(0);
    return true;
  } catch {
    return false;
  }
}

export const BUDGET_STATES = ['ok', 'warning', 'exceeded', 'unknown'] as const;
export type BudgetState = (typeof BUDGET_STATES)[number];

const factCondition = z.union([
  z.strictObject({ agent_status: names }),
  z.strictObject({ risk: names }),
  z.strictObject({ model: names }),
  z.strictObject({ budget: z.array(z.enum(BUDGET_STATES)).min(1) }),
  z.strictObject({ time: timeWindow }),
  z.strictObject({ injection_risk: z.boolean() }),
]);

export type FieldCondition = z.infer<typeof fieldCondition>;
export type FactCondition = z.infer<typeof factCondition>;
export type TimeWindow = z.infer<typeof timeWindow>;
export type Condition =
  | FieldCondition
  | FactCondition
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

/** Conditions within conditions, at most. */
const DEPTH_MAX = 16;
const several = () => z.array(condition).min(1).max(100);

const condition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    fieldCondition,
    factCondition,
    z.strictObject({ all: several() }),
    z.strictObject({ any: several() }),
    z.strictObject({ not: condition }),
  ]),
);

/** Answers false for what is nested too deeply, before the recursive schema looks at it. */
function isShallow(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth > DEPTH_MAX * 2) return false;
  return Object.values(value).every((inner) => isShallow(inner, depth + 1));
}

export const conditionSchema: z.ZodType<Condition> = z
  .unknown()
  .refine((value) => isShallow(value), `is nested more than ${DEPTH_MAX} deep`)
  .pipe(condition);

const pattern = z.string().min(1).max(256);

const ruleSchema = z.strictObject({
  /** Shown as the rule's name; its number otherwise. */
  name: z.string().min(1).max(100).optional(),
  tools: z.array(pattern).min(1).max(1_000),
  action: z.enum(POLICY_ACTIONS),
  condition: conditionSchema.optional(),
});

export const policySchema = z.strictObject({
  name: z.string().min(1).max(100),
  /** Which agents: a name, or a pattern with `*` and `?`. */
  agent: pattern.default('*'),
  rate_limit: z
    .strictObject({
      max_per_minute: z.int().min(1).optional(),
      max_total: z.int().min(1).optional(),
    })
    .optional(),
  /** A call that names another model than these is denied. */
  model_allowlist: names.optional(),
  /** Calls are denied while the agent has spent more than this in the present period (UTC). */
  budget_limit: z
    .strictObject({
      usd: z.number().positive(),
      per: z.enum(['day', 'month']).default('day'),
      /** What to do while nobody can tell what was spent. */
      when_unknown: z.enum(['allow', 'deny']).default('allow'),
    })
    .optional(),
  rules: z.array(ruleSchema).max(10_000).default([]),
});

export type Policy = z.infer<typeof policySchema>;

/** Several policies; two of one name are refused, because traces name a policy by it. */
export const policiesSchema = z
  .array(policySchema)
  .max(10_000)
  .superRefine((policies, context) => {
    const seen = new Set<string>();
    for (const [index, { name }] of policies.entries()) {
      if (seen.has(name)) {
        const message = `there are two policies of the name ${JSON.stringify(name)}`;
        context.addIssue({ code: 'custom', path: [index, 'name'], message });
      }
      seen.add(name);
    }
  });

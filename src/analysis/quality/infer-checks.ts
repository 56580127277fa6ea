import type { CheckId } from '../../model/quality.ts';
import type { Inference } from './check-setting.ts';
import type { RunSample } from './run-sample.ts';

/** Runs before the shape of outputs says anything. */
export const RUNS_MIN = 20;
/** Runs after which what was inferred stays: an agent that gets worse must not lose the check that shows it. */
export const RUNS_SETTLED = 50;
/** Runs that are looked at. */
export const RUNS_MAX = 100;

/** Share of outputs that must have a shape; of settled inferences, share at which they are given up. */
const SHARE_MIN = 0.8;
const SHARE_KEPT = 0.5;
/** Share of outputs in which a field must stand to be required. */
const FIELD_SHARE_MIN = 0.95;
const DECISIONS_MAX = 12;
const NAME_CONFIDENCE = 0.5;
/** What is usual at the 95th percentile may be exceeded so many times. */
const HEADROOM = 3;
const LATENCY_DEFAULT_MS = 60_000;

const FINANCE_NAME =
  /invoice|billing|financ|account(?:s|ing)|expense|payroll|\btax\b|[_-]tax|tax[_-]/i;
const SOURCES_NAME =
  /research|\brag\b|[_-]rag|rag[_-]|retriev|citation|legal|contract|document|knowledge|literature/i;

/** Checks that apply to an agent, derived from its name and its latest runs, newest last. Pure. */
export function inferChecks(
  agent: string,
  samples: readonly RunSample[],
  previous: readonly Inference[],
): readonly Inference[] {
  const found = [
    ...finance(agent, samples),
    ...sources(agent, samples),
    ...structure(samples),
    ...decision(samples),
    ...usual(samples),
  ];
  const kept = previous.flatMap((inference) => keep(inference, samples));
  const keptIds = new Set(kept.map(({ checkId }) => checkId));
  return [...kept, ...found.filter(({ checkId }) => !keptIds.has(checkId))];
}

const outputsOf = (samples: readonly RunSample[]): readonly RunSample[] =>
  samples.filter(({ output }) => output !== 'absent');

/** The Wilson lower bound of a share at 95 %: few runs give little confidence. Two digits. */
export function confidenceOf(hits: number, runs: number): number {
  if (runs === 0) return 0;
  const z = 1.96;
  const share = hits / runs;
  const centre = share + (z * z) / (2 * runs);
  const spread = z * Math.sqrt((share * (1 - share)) / runs + (z * z) / (4 * runs * runs));
  return Math.round(((centre - spread) / (1 + (z * z) / runs)) * 100) / 100;
}

const percent = (hits: number, runs: number): string => `${Math.round((hits / runs) * 100)} %`;

/** On when enough outputs have a shape, or while there are few and the name speaks for it. */
function byShape(options: {
  readonly checkId: CheckId;
  readonly outputs: readonly RunSample[];
  readonly has: (sample: RunSample) => boolean;
  readonly shape: string;
  readonly named: string | undefined;
  readonly params?: Inference['params'];
}): Inference[] {
  const { checkId, outputs, shape, named, params = {} } = options;
  const runs = outputs.length;
  const hits = outputs.filter(options.has).length;
  if (runs >= RUNS_MIN && hits / runs >= SHARE_MIN) {
    const reason = `${percent(hits, runs)} of its last ${runs} outputs ${shape}.`;
    const confidence = confidenceOf(hits, runs);
    return [{ checkId, enabled: true, params, reason, confidence, runs }];
  }
  if (named === undefined) return [];
  if (runs >= RUNS_MIN && hits / runs < SHARE_KEPT) {
    const reason = `${named}, but only ${percent(hits, runs)} of its last ${runs} outputs ${shape}.`;
    return [
      {
        checkId,
        enabled: false,
        params,
        reason,
        confidence: confidenceOf(runs - hits, runs),
        runs,
      },
    ];
  }
  return [
    { checkId, enabled: true, params, reason: `${named}.`, confidence: NAME_CONFIDENCE, runs },
  ];
}

function nameSays(agent: string, pattern: RegExp, subject: string): string | undefined {
  const word = pattern.exec(agent)?.[0];
  return word === undefined ? undefined : `Its name has "${word}", which speaks of ${subject}`;
}

function finance(agent: string, samples: readonly RunSample[]): Inference[] {
  const outputs = outputsOf(samples);
  const named = nameSays(agent, FINANCE_NAME, 'amounts');
  return [
    ...byShape({
      checkId: 'subtotal_arithmetic',
      outputs,
      has: ({ hasSubtotal }) => hasSubtotal,
      shape: 'have line items beside a subtotal or total',
      named,
    }),
    ...byShape({
      checkId: 'tax_calculation',
      outputs,
      has: ({ hasTax }) => hasTax,
      shape: 'have a tax beside a subtotal or total',
      named,
    }),
  ];
}

function sources(agent: string, samples: readonly RunSample[]): Inference[] {
  return byShape({
    checkId: 'source_cited',
    outputs: outputsOf(samples),
    has: ({ cites }) => cites,
    shape: 'cite a source',
    named: nameSays(agent, SOURCES_NAME, 'sources'),
  });
}

function structure(samples: readonly RunSample[]): Inference[] {
  const outputs = outputsOf(samples);
  const objects = outputs.filter(({ output }) => output === 'object');
  const runs = outputs.length;
  if (runs < RUNS_MIN || objects.length / runs < SHARE_MIN) return [];
  const fields = commonFields(objects);
  const share = percent(objects.length, runs);
  const confidence = confidenceOf(objects.length, runs);
  const properties = Object.fromEntries(
    fields.map((field) => [field, { type: typesOf(objects, field) }]),
  );
  const schema = { type: 'object', required: fields, properties };
  const reason = `${share} of its last ${runs} outputs are JSON objects`;
  const inferred: Inference[] = [
    {
      checkId: 'output_schema_valid',
      enabled: true,
      params: { schema },
      reason: `${reason} of one form.`,
      confidence,
      runs,
    },
  ];
  if (fields.length === 0) return inferred;
  inferred.push({
    checkId: 'required_fields_present',
    enabled: true,
    params: { fields: fields.map(asPath).filter((field) => field !== undefined) },
    reason: `${reason} and have these fields.`,
    confidence,
    runs,
  });
  return inferred;
}

/** A key that has the marks of a path in it cannot be named by one. */
const asPath = (key: string): string | undefined => (/[.[\]$]|^$/.test(key) ? undefined : key);

function commonFields(objects: readonly RunSample[]): string[] {
  const counts = new Map<string, number>();
  for (const { fields } of objects) {
    for (const field of Object.keys(fields)) counts.set(field, (counts.get(field) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count / objects.length >= FIELD_SHARE_MIN)
    .map(([field]) => field)
    .sort();
}

function typesOf(objects: readonly RunSample[], field: string): string[] {
  return [...new Set(objects.flatMap(({ fields }) => fields[field] ?? []))].sort();
}

function decision(samples: readonly RunSample[]): Inference[] {
  const outputs = outputsOf(samples);
  const runs = outputs.length;
  if (runs < RUNS_MIN) return [];
  const fields = [...new Set(outputs.flatMap(({ decisions }) => Object.keys(decisions)))];
  for (const field of fields) {
    const values = outputs.flatMap(({ decisions }) =>
      Object.hasOwn(decisions, field) ? [decisions[field]!] : [],
    );
    if (values.length / runs < SHARE_MIN) continue;
    const known = repeated(values, 2);
    const hits = values.filter((value) => known.includes(value)).length;
    // A decision is one of a few: nearly all values must have been seen before.
    if (known.length > Math.min(DECISIONS_MAX, runs / 5) || hits / runs < SHARE_MIN) continue;
    const what = field === '' ? 'outputs' : `values of "${field}"`;
    return [
      {
        checkId: 'decision_is_valid_enum',
        enabled: true,
        params: { field, values: known },
        reason: `The last ${runs} ${what} are ${known.length} different ones, each seen more than once.`,
        confidence: confidenceOf(hits, runs),
        runs,
      },
    ];
  }
  return [];
}

function repeated(values: readonly string[], timesMin: number): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= timesMin)
    .map(([value]) => value)
    .sort();
}

function usual(samples: readonly RunSample[]): Inference[] {
  const inferred: Inference[] = [];
  const durations = samples.flatMap(({ durationMs }) => durationMs ?? []);
  const slow = percentile95(durations);
  if (durations.length >= RUNS_MIN && slow * HEADROOM > LATENCY_DEFAULT_MS) {
    inferred.push({
      checkId: 'latency_within_sla',
      enabled: true,
      params: { max_ms: Math.ceil((slow * HEADROOM) / 1_000) * 1_000 },
      reason: `Of its last ${durations.length} runs 95 % took at most ${slow} ms; ${HEADROOM} times that is too long.`,
      confidence: confidenceOf(durations.length, durations.length),
      runs: durations.length,
    });
  }
  const tokens = samples.flatMap((sample) => sample.tokens ?? []);
  const many = percentile95(tokens);
  if (tokens.length >= RUNS_MIN && many > 0) {
    inferred.push({
      checkId: 'tokens_within_budget',
      enabled: true,
      params: { max_tokens: Math.ceil((many * HEADROOM) / 1_000) * 1_000 },
      reason: `Of its last ${tokens.length} runs 95 % used at most ${many} tokens; ${HEADROOM} times that is too many.`,
      confidence: confidenceOf(tokens.length, tokens.length),
      runs: tokens.length,
    });
  }
  return inferred;
}

function percentile95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}

/** A settled inference stays as it is until most outputs speak against it; a decision may come to be known. */
function keep(inference: Inference, samples: readonly RunSample[]): Inference[] {
  if (!inference.enabled || inference.runs < RUNS_SETTLED) return [];
  const has = supports(inference);
  const outputs = outputsOf(samples);
  if (has === undefined || outputs.length < RUNS_MIN) return [inference];
  const hits = outputs.filter(has).length;
  if (hits / outputs.length < SHARE_KEPT) return [];
  return [inference.checkId === 'decision_is_valid_enum' ? learn(inference, outputs) : inference];
}

/** Whether an output has the shape that an inference rests on; undefined where no shape is asked for. */
function supports(inference: Inference): ((sample: RunSample) => boolean) | undefined {
  if (inference.checkId === 'decision_is_valid_enum') {
    const field = fieldOf(inference);
    return ({ decisions }) => Object.hasOwn(decisions, field);
  }
  return SHAPES[inference.checkId];
}

const SHAPES: Partial<Record<CheckId, (sample: RunSample) => boolean>> = {
  subtotal_arithmetic: ({ hasSubtotal }) => hasSubtotal,
  tax_calculation: ({ hasTax }) => hasTax,
  source_cited: ({ cites }) => cites,
  output_schema_valid: ({ output }) => output === 'object',
  required_fields_present: ({ output }) => output === 'object',
};

function fieldOf({ params }: Inference): string {
  const { field } = params;
  return typeof field === 'string' ? field : '';
}

/** A value that became usual is a decision too: five times, and in one of twenty runs. */
function learn(inference: Inference, outputs: readonly RunSample[]): Inference {
  const field = fieldOf(inference);
  const values = outputs.flatMap(({ decisions }) => decisions[field] ?? []);
  const usualValues = repeated(values, Math.max(5, outputs.length / 20));
  const known = inference.params['values'] as readonly string[];
  const all = [...new Set([...known, ...usualValues])].sort();
  if (all.length === known.length || all.length > DECISIONS_MAX) return inference;
  return { ...inference, params: { ...inference.params, values: all } };
}

import type { Binary, Matching } from './ast.ts';
import type { Pair } from './binary.ts';
import type { Frame } from './frame.ts';
import type { Labels } from './labels.ts';
import {
  dropLabels,
  formatLabels,
  keepLabels,
  keyOf,
  labelOf,
  labelsOf,
  withoutName,
} from './labels.ts';
import { queryFailed } from './query-error.ts';
import type { StepSeries } from './series.ts';
import { emptyStepSeries } from './series.ts';
import { signatureOf } from './signature.ts';

const COMPARISONS = ['==', '!=', '>', '<', '>=', '<='];

interface Sides {
  readonly left: readonly StepSeries[];
  readonly right: readonly StepSeries[];
  readonly pair: Pair;
}

/**
 * Pairs series of the two sides by their labels, step by step. Throws `QUERY_FAILED` where a series would pair with
 * several and the query does not say that it may.
 */
export function matchVectors(frame: Frame, expr: Binary, sides: Sides): StepSeries[] {
  const { matching } = expr;
  const signature = signatureOf(matching);
  const swapped = matching.many === 'right';
  const [many, one] = swapped ? [sides.right, sides.left] : [sides.left, sides.right];
  const ones = bySignature(one, signature);
  const answers = new Map<string, StepSeries>();
  const taken = new Map<string, Uint8Array>();
  for (const series of many) {
    const key = signature(series.labels);
    const partners = ones.get(key);
    if (partners === undefined) continue;
    // From step to step the partner is most often the same.
    let paired: StepSeries | undefined;
    let labels: Labels = [];
    let answerKey = '';
    for (let step = 0; step < frame.steps; step++) {
      if (series.present[step] === 0) continue;
      const partner = partnerAt(partners, step, matching, swapped ? 'left' : 'right');
      if (partner === undefined) continue;
      const [a, b] = swapped
        ? [partner.values[step]!, series.values[step]!]
        : [series.values[step]!, partner.values[step]!];
      if (matching.many === 'none') takeOnce(taken, key, { step, frame, matching, series });
      const value = sides.pair(a, b);
      if (value === undefined) continue;
      if (partner !== paired) {
        paired = partner;
        labels = answerLabels(expr, series.labels, partner.labels);
        answerKey = keyOf(labels);
      }
      put(answers, answerKey, { frame, labels, step, value });
    }
  }
  return [...answers.values()];
}

function bySignature(
  series: readonly StepSeries[],
  signature: (labels: Labels) => string,
): Map<string, StepSeries[]> {
  const map = new Map<string, StepSeries[]>();
  for (const one of series) {
    const key = signature(one.labels);
    const known = map.get(key);
    if (known === undefined) map.set(key, [one]);
    else known.push(one);
  }
  return map;
}

function partnerAt(
  partners: readonly StepSeries[],
  step: number,
  matching: Matching,
  side: 'left' | 'right',
): StepSeries | undefined {
  let found: StepSeries | undefined;
  for (const partner of partners) {
    if (partner.present[step] === 0) continue;
    if (found !== undefined) {
      const remedy =
        matching.many === 'none'
          ? 'many-to-many matching not allowed: matching labels must be unique on one side'
          : `many-to-many matching not allowed: matching labels must be unique on the ${side} side`;
      throw queryFailed(
        `found duplicate series for the match group ${formatGroup(matching, found.labels)} on the ${side} hand-side of the operation: [${formatLabels(partner.labels)}, ${formatLabels(found.labels)}]; ${remedy}`,
      );
    }
    found = partner;
  }
  return found;
}

function takeOnce(
  taken: Map<string, Uint8Array>,
  key: string,
  where: { step: number; frame: Frame; matching: Matching; series: StepSeries },
): void {
  const steps = taken.get(key) ?? new Uint8Array(where.frame.steps);
  if (steps[where.step] === 1) {
    throw queryFailed(
      `multiple matches for labels ${formatGroup(where.matching, where.series.labels)}: many-to-one matching must be explicit (group_left/group_right)`,
    );
  }
  steps[where.step] = 1;
  taken.set(key, steps);
}

function formatGroup({ on, labels: names }: Matching, labels: Labels): string {
  const wanted = new Set(names);
  return formatLabels(on ? keepLabels(labels, wanted) : dropLabels(withoutName(labels), wanted));
}

/** The labels of the answer, from the side of which there may be many and its partner. */
function answerLabels({ op, bool, matching }: Binary, many: Labels, one: Labels): Labels {
  const keepsName = COMPARISONS.includes(op) && !bool;
  const base = keepsName ? many : withoutName(many);
  if (matching.many === 'none') {
    const names = new Set(matching.labels);
    return matching.on ? keepLabels(base, names) : dropLabels(base, names);
  }
  if (matching.include.length === 0) return base;
  return labelsOf([
    ...base,
    ...matching.include.map((name) => [name, labelOf(one, name)] as const),
  ]);
}

function put(
  answers: Map<string, StepSeries>,
  key: string,
  { frame, labels, step, value }: { frame: Frame; labels: Labels; step: number; value: number },
): void {
  let answer = answers.get(key);
  if (answer === undefined) {
    frame.budget.requireRoom(answers.size + 1, frame.steps);
    answer = emptyStepSeries(labels, frame.steps);
    answers.set(key, answer);
  }
  if (answer.present[step] === 1) {
    throw queryFailed(
      `multiple matches for labels ${formatLabels(labels)}: grouping labels must ensure unique matches`,
    );
  }
  answer.present[step] = 1;
  answer.values[step] = value;
}

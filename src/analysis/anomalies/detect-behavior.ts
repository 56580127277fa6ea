import type { Severity } from '../../model/alert.ts';
import type { Finding } from '../../model/anomaly.ts';
import { mixDivergence } from '../../model/baseline.ts';
import type { RunSample } from '../../model/run-sample.ts';
import type { DetectionInput } from './detection-input.ts';
import { evidenceOf, namedRuns, percent } from './evidence.ts';

const RUNS_WITH_TOOLS_MIN = 10;
const BASELINE_RUNS_WITH_TOOLS_MIN = 20;
const DIVERGENCE_MIN = 0.08;
const SCORE_MIN = 5;

/** Whether the window's runs call other tools, or the same in other shares, than the baseline's. */
export function detectBehavioralDrift(input: DetectionInput): Finding | undefined {
  const { baseline } = input;
  const runs = input.window.filter((run) => Object.keys(run.tools).length > 0);
  if (baseline === undefined || runs.length < RUNS_WITH_TOOLS_MIN) return undefined;
  if (baseline.runsWithTools < BASELINE_RUNS_WITH_TOOLS_MIN) return undefined;
  const mix = mixOf(runs);
  const divergence = mixDivergence(mix, baseline.tools);
  if (divergence === undefined || divergence < DIVERGENCE_MIN) return undefined;
  const tools = new Set([...Object.keys(mix), ...Object.keys(baseline.tools)]);
  const score = driftScore(divergence, {
    kinds: tools.size,
    n: runs.length,
    baselineN: baseline.runsWithTools,
  });
  if (score < SCORE_MIN) return undefined;
  const moved = mostMoved(mix, baseline.tools, tools);
  const unknown = [...tools].filter((tool) => !(tool in baseline.tools));
  return {
    kind: 'behavioral_drift',
    severity: severityOfDivergence(divergence),
    evidence: evidenceOf(input, {
      summary: `The shares of tools have changed, most that of ${moved.tool}: ${percent(moved.now)} of the calls, ${percent(moved.before)} before.`,
      measure: 'divergence of the tool mix',
      unit: 'Jensen–Shannon divergence',
      observed: divergence,
      baseline: 0,
      score,
      scoreName: 'standard deviations of χ²',
      n: runs.length,
      baselineN: baseline.runsWithTools,
      runs: namedRuns(runs),
      more: {
        tool: moved.tool,
        share: moved.now,
        share_before: moved.before,
        new_tools: unknown.slice(0, 10).join(', '),
      },
    }),
  };
}

/** Tool → calls, of all the runs. */
export function mixOf(runs: readonly RunSample[]): Readonly<Record<string, number>> {
  const mix = Object.create(null) as Record<string, number>;
  for (const run of runs) {
    for (const [tool, calls] of Object.entries(run.tools)) mix[tool] = (mix[tool] ?? 0) + calls;
  }
  return mix;
}

/**
 * Of equal mixes, 8·ln 2·divergence/(1/n + 1/N) is distributed as χ² with one degree of freedom less than there are
 * tools. Calls of one run are not independent of each other, so runs are counted and not calls.
 */
function driftScore(
  divergence: number,
  { kinds, n, baselineN }: { kinds: number; n: number; baselineN: number },
): number {
  const freedom = Math.max(kinds - 1, 1);
  const statistic = (8 * Math.LN2 * divergence) / (1 / n + 1 / baselineN);
  return (statistic - freedom) / Math.sqrt(2 * freedom);
}

/** The divergence that may be and not be told of: where the score, or the divergence itself, is too small. */
export function driftBound(of: { kinds: number; n: number; baselineN: number }): number {
  const freedom = Math.max(of.kinds - 1, 1);
  const statistic = SCORE_MIN * Math.sqrt(2 * freedom) + freedom;
  const divergence = (statistic * (1 / of.n + 1 / of.baselineN)) / (8 * Math.LN2);
  return Math.min(Math.max(divergence, DIVERGENCE_MIN), 1);
}

function mostMoved(
  mix: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
  tools: ReadonlySet<string>,
): { readonly tool: string; readonly now: number; readonly before: number } {
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((total, calls) => total + calls, 0);
  const [total, totalBefore] = [sum(mix), sum(before)];
  const moves = [...tools].map((tool) => ({
    tool,
    now: (mix[tool] ?? 0) / total,
    before: (before[tool] ?? 0) / totalBefore,
  }));
  const moved = (move: (typeof moves)[0]): number => Math.abs(move.now - move.before);
  return moves.reduce((most, move) => (moved(move) > moved(most) ? move : most));
}

function severityOfDivergence(divergence: number): Severity {
  if (divergence >= 0.6) return 'critical';
  if (divergence >= 0.4) return 'high';
  return divergence >= 0.2 ? 'medium' : 'low';
}

/** Whether a run used a model that is not among those approved for the agent. */
export function detectModelMismatch(input: DetectionInput): Finding | undefined {
  const { approvedModels, window } = input;
  if (approvedModels === null || approvedModels.length === 0) return undefined;
  const families = new Set(approvedModels.map(familyOf));
  const strange = window.filter(({ models }) =>
    models.some((model) => !approvedModels.includes(model)),
  );
  const models = [...new Set(strange.flatMap((run) => run.models))].filter(
    (model) => !approvedModels.includes(model),
  );
  if (models.length === 0) return undefined;
  const isOther = models.some((model) => !families.has(familyOf(model)));
  return {
    kind: 'model_mismatch',
    severity: isOther ? 'high' : 'low',
    evidence: evidenceOf(input, {
      summary: isOther
        ? `It calls ${models.slice(0, 5).join(', ')}, which is not approved for it.`
        : `It calls ${models.slice(0, 5).join(', ')}, another release of an approved model.`,
      measure: 'runs with a model that is not approved',
      unit: 'runs',
      observed: strange.length,
      baseline: null,
      score: null,
      scoreName: '',
      runs: namedRuns(strange),
      more: {
        models: models.slice(0, 20).join(', '),
        approved: approvedModels.slice(0, 20).join(', '),
      },
    }),
  };
}

/** A model's name without what makes it one release: `gpt-4o-2024-08-06` and `gpt-4o` are of one family. */
export function familyOf(model: string): string {
  return model
    .toLowerCase()
    .replace(/^.*\//, '')
    .replace(/[-@_:]?(?:20\d{2}-?[01]\d-?[0-3]\d|[01]\d[0-3]\d|latest|preview|v\d+(?::\d+)?)$/g, '')
    .replace(/[-@_:]?20\d{6}$/, '');
}

import { AppError } from '../errors.ts';
import { BASELINE_METRICS, SESSION_METRICS } from '../model/baseline-metrics.ts';
import { findSession, listSessions } from '../session/read-session.ts';
import {
  checkAgainst,
  readBaseline,
  reckonBaseline,
  writeBaseline,
} from '../session/session-baseline.ts';
import type { SessionBaseline } from '../session/session-baseline.ts';
import { foldersOf, sessionCount } from './session-place.ts';
import type { Environment, PlaceFlags } from './session-place.ts';

const number = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : String(Number(value.toPrecision(4)));

function print(baseline: SessionBaseline): void {
  console.log(`Baseline of ${sessionCount(baseline.session_count)}, ${baseline.created_at}`);
  for (const metric of SESSION_METRICS) {
    const { title, unit } = BASELINE_METRICS[metric];
    const summary = baseline.metrics[metric];
    const told =
      summary === undefined
        ? 'unknown'
        : `mean ${number(summary.mean)} ${unit}, standard deviation ${number(summary.standardDeviation)}, ${number(summary.min)} to ${number(summary.max)}, n ${summary.n}`;
    console.log(`${title.padEnd(14)} ${told}`);
  }
}

/** `signalbox baseline update`. */
export function updateBaseline(
  flags: PlaceFlags & { readonly sessions: number; readonly json?: true },
  env: Environment,
): void {
  const folders = foldersOf(flags, env);
  const baseline = reckonBaseline(listSessions(folders), flags.sessions, Date.now());
  if (baseline.session_count === 0) {
    throw new AppError(
      'NOT_FOUND',
      `there is no session in ${folders.root} that has ended, so there is nothing to reckon with`,
    );
  }
  writeBaseline(folders.root, baseline);
  if (flags.json) console.log(JSON.stringify(baseline));
  else print(baseline);
}

function requireBaseline(root: string): SessionBaseline {
  const baseline = readBaseline(root);
  if (baseline !== undefined) return baseline;
  throw new AppError(
    'NOT_FOUND',
    `there is no baseline in ${root}; \`signalbox baseline update\` makes one`,
  );
}

/** `signalbox baseline show`. */
export function showBaseline(flags: PlaceFlags & { readonly json?: true }, env: Environment): void {
  const baseline = requireBaseline(foldersOf(flags, env).root);
  if (flags.json) console.log(JSON.stringify(baseline));
  else print(baseline);
}

/** `signalbox baseline check`: exit 0 when usual, 1 when not, 2 when nobody can tell. */
export function checkSession(
  id: string | undefined,
  flags: PlaceFlags & { readonly threshold: number; readonly format: 'text' | 'json' },
  env: Environment,
): void {
  const folders = foldersOf(flags, env);
  const session = findSession(folders, id);
  const verdict = checkAgainst(session, requireBaseline(folders.root), flags.threshold);
  if (flags.format === 'json') console.log(JSON.stringify(verdict));
  else {
    const words = {
      true: 'outside the baseline',
      false: 'within the baseline',
      null: 'cannot be told',
    };
    console.log(`${session.id}: ${words[String(verdict.anomalous) as keyof typeof words]}`);
    for (const { title, value, mean, z, anomalous, reason } of verdict.metrics) {
      const told =
        z === null
          ? `cannot tell: ${reason}`
          : `${number(value)} (mean ${number(mean)}, z ${number(z)})`;
      console.log(`${anomalous ? '✗' : ' '} ${title.padEnd(14)} ${told}`);
    }
  }
  if (verdict.anomalous === null) process.exitCode = 2;
  else if (verdict.anomalous) process.exitCode = 1;
}

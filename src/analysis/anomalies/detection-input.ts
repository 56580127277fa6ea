import type { RunSample } from '../../model/run-sample.ts';
import type { DayActivity } from '../../storage/agent-activity-store.ts';
import type { AgentBaseline } from '../baselines/agent-baseline.ts';

/** Runs that a check judged, and how many of them failed it. */
export interface CheckCounts {
  readonly judged: number;
  readonly failed: number;
}

/** Of one check, since yesterday and in the weeks before. */
export interface CheckHistory {
  readonly check: string;
  readonly window: CheckCounts;
  readonly baseline: CheckCounts;
}

/** All that the detectors look at; what is undefined is not judged. */
export interface DetectionInput {
  readonly nowMs: number;
  /** The newest runs of the newest version, newest first: what is compared with the baseline. */
  readonly window: readonly RunSample[];
  readonly baseline: AgentBaseline | undefined;
  /** What the dearest run of the days before cost, in US dollars. */
  readonly dearestBefore: number;
  /** The last 24 hours, those before, and so on. */
  readonly days: readonly DayActivity[] | undefined;
  /** Null while nobody decided. */
  readonly approvedModels: readonly string[] | null;
  readonly quality: readonly CheckHistory[];
}

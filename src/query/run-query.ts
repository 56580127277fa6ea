import type { ModelCall, Run } from '../model/run.ts';
import type { AgentRuns, RunFilter, RunSortKey } from '../storage/run-store.ts';
import type { Page, PageRequest } from './trace-query.ts';

/** A run with those that it started, however deep, and the calls of each. */
export interface RunFamily {
  readonly run: Run;
  /** By start. */
  readonly modelCalls: readonly ModelCall[];
  /** Runs that this one started itself, by start. */
  readonly children: readonly Run[];
  /** All below, with the run itself first. */
  readonly all: readonly Run[];
}

/** An implementation MUST answer only what belongs to the project. */
export interface RunQueries {
  /** Greatest first by the sort key, runs without it last; those of equal key by start, the latest first. */
  findRuns(
    project: string,
    question: { readonly filter: RunFilter; readonly sort: RunSortKey },
    page: PageRequest,
  ): Promise<Page<Run>>;

  /**
   * The run; undefined when there is none. A run id is unique within a trace: where several traces have it, the trace
   * must be named (`VALIDATION_ERROR`).
   */
  getRun(
    project: string,
    id: { readonly runId: string; readonly traceId: string | undefined },
  ): Promise<RunFamily | undefined>;

  /** The calls of models of a trace that count, by start. */
  listCalls(project: string, traceId: string): Promise<readonly ModelCall[]>;

  /** Runs that began at or after (milliseconds since 1970 UTC), by agent. */
  countRunsByAgent(project: string, sinceMs: number): Promise<readonly AgentRuns[]>;
}

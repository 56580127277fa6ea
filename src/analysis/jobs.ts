import { BoundedMap } from '../base/bounded-map.ts';
import type { Clock } from '../base/clock.ts';
import type { NewId } from '../base/random-id.ts';
import { randomId } from '../base/random-id.ts';
import { AppError, messageOf } from '../errors.ts';

export const JOB_STATUSES = ['running', 'done', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Work that takes longer than a request. It ends with the process and may safely be begun anew. */
export interface Job {
  readonly id: string;
  readonly project: string;
  /** What it does, as `runs.rebuild`. */
  readonly kind: string;
  readonly status: JobStatus;
  /** Of `total`, in what the kind counts by; equal when it is done. */
  readonly done: number;
  /** Undefined until it is known. */
  readonly total: number | undefined;
  readonly startedMs: number;
  readonly endedMs: number | undefined;
  /** Why it failed, or ''. */
  readonly error: string;
}

/** How work tells how far it is, and learns that it shall stop. */
export interface JobProgress {
  readonly signal: AbortSignal;
  readonly report: (done: number, total: number) => void;
}

/** Starts jobs and remembers the last of them. */
export interface Jobs {
  /** Throws `CONFLICT` while a job of the kind runs in the project. Returns as soon as it runs. */
  start(
    job: { readonly project: string; readonly kind: string },
    work: (progress: JobProgress) => Promise<void>,
  ): Job;
  get(project: string, id: string): Job | undefined;
  /** Newest first. */
  list(project: string): readonly Job[];
  /** Asks a running job to stop; false when there is none such. */
  cancel(project: string, id: string): boolean;
  /** Asks all to stop and waits until they have. */
  shutdown(): Promise<void>;
}

const JOBS_KEPT = 200;

export function createJobs(options: {
  readonly clock: Clock;
  readonly newId?: NewId;
  readonly onFailure: (job: Job) => void;
}): Jobs {
  const { clock, newId = randomId, onFailure } = options;
  const jobs = new BoundedMap<string, Job>(JOBS_KEPT);
  const order: string[] = [];
  const running = new Map<string, { readonly abort: AbortController; ended: Promise<void> }>();
  const change = (id: string, changes: Partial<Job>): void => {
    const job = jobs.get(id);
    if (job !== undefined) jobs.set(id, { ...job, ...changes });
  };

  const listOf = (project: string): Job[] =>
    order
      .map((id) => jobs.get(id))
      .filter((job): job is Job => job?.project === project)
      .toReversed();

  return {
    start({ project, kind }, work) {
      const same = listOf(project).find((job) => job.kind === kind && job.status === 'running');
      if (same !== undefined) {
        throw new AppError(
          'CONFLICT',
          `the job ${same.id} does this already; wait for it or cancel it`,
        );
      }
      const id = newId('job');
      const job = newJob(id, project, kind, clock.now());
      jobs.set(id, job);
      order.push(id);
      if (order.length > JOBS_KEPT) order.shift();
      const abort = new AbortController();
      const entry = { abort, ended: Promise.resolve() };
      running.set(id, entry);
      const report = (done: number, total: number): void => change(id, { done, total });
      entry.ended = outcomeOf(work({ signal: abort.signal, report }), abort.signal).then((end) => {
        change(id, { ...end, endedMs: clock.now() });
        running.delete(id);
        if (end.status === 'failed') onFailure(jobs.get(id)!);
      });
      return job;
    },
    get(project, id) {
      const job = jobs.get(id);
      return job?.project === project ? job : undefined;
    },
    list: listOf,
    cancel(project, id) {
      if (jobs.get(id)?.project !== project) return false;
      const entry = running.get(id);
      entry?.abort.abort();
      return entry !== undefined;
    },
    async shutdown() {
      const all = [...running.values()];
      for (const { abort } of all) abort.abort();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

function newJob(id: string, project: string, kind: string, startedMs: number): Job {
  return {
    id,
    project,
    kind,
    status: 'running',
    done: 0,
    total: undefined,
    startedMs,
    endedMs: undefined,
    error: '',
  };
}

async function outcomeOf(
  work: Promise<void>,
  signal: AbortSignal,
): Promise<Pick<Job, 'status'> & Partial<Job>> {
  try {
    await work;
    return { status: signal.aborted ? 'cancelled' : 'done' };
  } catch (error) {
    return signal.aborted ? { status: 'cancelled' } : { status: 'failed', error: messageOf(error) };
  }
}

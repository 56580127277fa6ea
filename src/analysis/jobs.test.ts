import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect, test } from 'vitest';

import type { Job, Jobs } from './jobs.ts';
import { createJobs } from './jobs.ts';

function open(): { jobs: Jobs; failed: Job[] } {
  const failed: Job[] = [];
  let ids = 0;
  const jobs = createJobs({
    clock: { now: () => 1_000 },
    newId: (prefix) => `${prefix}_${++ids}`,
    onFailure: (job) => failed.push(job),
  });
  return { jobs, failed };
}

const KIND = { project: 'default', kind: 'runs.rebuild' };

test('a job tells how far it is, and how it ended', async () => {
  const { jobs } = open();
  let finish = (): void => {};
  const job = jobs.start(KIND, async ({ report }) => {
    report(2, 5);
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    report(5, 5);
  });
  expect(jobs.get('default', job.id)).toEqual({
    id: 'job_1',
    ...KIND,
    status: 'running',
    done: 2,
    total: 5,
    startedMs: 1_000,
    endedMs: undefined,
    error: '',
  });
  expect(() => jobs.start(KIND, async () => undefined)).toThrow('job_1 does this already');
  finish();
  await jobs.shutdown();
  expect(jobs.list('default')).toMatchObject([{ done: 5, endedMs: 1_000 }]);
  expect([jobs.get('other', job.id), jobs.list('other'), jobs.cancel('other', job.id)]).toEqual([
    undefined,
    [],
    false,
  ]);
});

test('a failure is kept and told, and the same may be begun anew', async () => {
  const { jobs, failed } = open();
  jobs.start(KIND, async () => {
    throw new Error('no room');
  });
  await nextTurn();
  expect(failed).toMatchObject([{ id: 'job_1', status: 'failed', error: 'no room' }]);
  expect(jobs.start(KIND, async () => undefined).id).toBe('job_2');
  await nextTurn();
  expect(jobs.list('default').map(({ id, status }) => [id, status])).toEqual([
    ['job_2', 'done'],
    ['job_1', 'failed'],
  ]);
});

test('a job that is cancelled stops where it looks', async () => {
  const { jobs } = open();
  const job = jobs.start(KIND, async ({ signal }) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  });
  expect(jobs.cancel('default', job.id)).toBe(true);
  await jobs.shutdown();
  expect(jobs.get('default', job.id)?.status).toBe('cancelled');
  expect(jobs.cancel('default', job.id)).toBe(false);
});

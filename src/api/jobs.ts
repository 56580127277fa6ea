import { z } from 'zod';

import type { Job } from '../analysis/jobs.ts';
import { JOB_STATUSES } from '../analysis/jobs.ts';
import { rebuildRuns } from '../analysis/runs/rebuild-runs.ts';
import { AppError } from '../errors.ts';
import {
  answerOf,
  FROM_AFTER_TO,
  idParams,
  inOrder,
  isoTime,
  isoTimeOrNull,
  success,
  time,
} from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

export const jobAnswer = z
  .object({
    id: z.string(),
    kind: z.string(),
    status: z.enum(JOB_STATUSES),
    done: z.int(),
    /** Null until it is known. */
    total: z.int().nullable(),
    started: z.string(),
    ended: z.string().nullable(),
    /** Why it failed. */
    error: z.string().nullable(),
  })
  .meta({
    id: 'Job',
    examples: [
      {
        id: 'job_4fd1c2a07be94c1e8a3d5f60b1c2d3',
        kind: 'runs.rebuild',
        status: 'running',
        done: 12,
        total: 200,
        started: '2026-11-20T12:00:00.000Z',
        ended: null,
        error: null,
      },
    ],
  });

export function toJobAnswer(job: Job): z.infer<typeof jobAnswer> {
  return {
    id: job.id,
    kind: job.kind,
    status: job.status,
    done: job.done,
    total: job.total ?? null,
    started: isoTime(job.startedMs),
    ended: isoTimeOrNull(job.endedMs),
    error: job.error === '' ? null : job.error,
  };
}

const rebuildBody = z
  .strictObject({
    from: time,
    to: time,
    /** Prices every call anew; else calls keep what they were priced with. */
    reprice: z.boolean().default(false),
  })
  .refine(({ from, to }) => inOrder(from, to), FROM_AFTER_TO)
  .meta({
    examples: [{ from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z', reprice: true }],
  });

export function jobRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/api/v1/runs/rebuild',
    config: { access: 'admin' },
    schema: {
      tags: ['runs'],
      summary: 'Computes the runs of a period anew from the stored spans, as a job.',
      body: rebuildBody,
      response: { 202: answerOf(jobAnswer) },
    },
    handler: async (request, reply) => {
      const { project } = principalOf(request);
      const { from: fromMs, to: toMs, reprice } = request.body;
      const job = deps.jobs.start({ project, kind: 'runs.rebuild' }, (progress) =>
        rebuildRuns(deps.rebuild, project, { fromMs, toMs, reprice }, progress),
      );
      return reply.code(202).send(success(toJobAnswer(job)));
    },
  });

  api.route({
    method: 'GET',
    url: '/api/v1/jobs',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['jobs'],
      summary: 'Lists the jobs since the server started; newest first.',
      response: { 200: answerOf(z.array(jobAnswer)) },
    },
    handler: async (request) =>
      success(deps.jobs.list(principalOf(request).project).map(toJobAnswer)),
  });

  api.route({
    method: 'GET',
    url: '/api/v1/jobs/:id',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['jobs'],
      summary: 'Answers how far a job is.',
      params: idParams,
      response: { 200: answerOf(jobAnswer) },
    },
    handler: async (request) => {
      const { id } = request.params;
      const job = deps.jobs.get(principalOf(request).project, id);
      if (job === undefined) throw new AppError('NOT_FOUND', `there is no job ${id}`);
      return success(toJobAnswer(job));
    },
  });

  api.route({
    method: 'DELETE',
    url: '/api/v1/jobs/:id',
    config: { access: 'admin' },
    schema: {
      tags: ['jobs'],
      summary: 'Asks a running job to stop.',
      params: idParams,
      response: { 200: answerOf(jobAnswer) },
    },
    handler: async (request) => {
      const { project } = principalOf(request);
      const { id } = request.params;
      if (!deps.jobs.cancel(project, id)) {
        throw new AppError('NOT_FOUND', `there is no running job ${id}`);
      }
      return success(toJobAnswer(deps.jobs.get(project, id)!));
    },
  });
}

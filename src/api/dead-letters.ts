import { z } from 'zod';

import { actorOf, type Principal } from '../auth/principal.ts';
import { AppError } from '../errors.ts';
import { answerOf, idParams, isoTime, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

/** A request that was acknowledged and could not be stored. */
export interface DeadLetter {
  readonly id: string;
  readonly project: string;
  readonly signal: string;
  readonly reason: string;
  readonly receivedAtMs: number;
  readonly failedAtMs: number;
  readonly bytes: number;
}

export interface DeadLetterBox {
  /** Newest first. */
  list(): Promise<readonly DeadLetter[]>;
  /** Stores the letter again and removes it, or throws why it still cannot be stored. False when it is not there. */
  retry(id: string): Promise<boolean>;
  /** False when it is not there. */
  remove(id: string): Promise<boolean>;
}

const letterAnswer = z
  .object({
    id: z.string(),
    signal: z.string(),
    reason: z.string(),
    received_at: z.string(),
    failed_at: z.string(),
    bytes: z.int(),
  })
  .meta({ id: 'DeadLetter' });

const idAnswer = answerOf(z.object({ id: z.string() }));

export function deadLetterRoutes(api: Api, deps: ApiDeps): void {
  const lettersOf = async ({ project }: Principal) =>
    (await deps.deadLetters.list()).filter((letter) => letter.project === project);

  const act = async (principal: Principal, id: string, action: 'retry' | 'remove') => {
    const letter = (await lettersOf(principal)).find((candidate) => candidate.id === id);
    if (letter === undefined || !(await deps.deadLetters[action](id))) {
      throw new AppError('NOT_FOUND', `there is no dead letter ${id}`);
    }
    await deps.store.auditLog.append({
      project: principal.project,
      atMs: deps.clock.now(),
      actor: actorOf(principal),
      action: action === 'retry' ? 'dead_letter.retried' : 'dead_letter.removed',
      target: { kind: 'dead_letter', id },
      reason: null,
      detail: { signal: letter.signal, bytes: letter.bytes, reason: letter.reason },
    });
    return success({ id });
  };

  api.route({
    method: 'GET',
    url: '/api/v1/dead-letters',
    config: { access: 'monitoring:read' },
    schema: {
      tags: ['telemetry'],
      summary: 'Lists what was acknowledged and could not be stored; newest first.',
      response: { 200: answerOf(z.array(letterAnswer)) },
    },
    handler: async (request) => {
      const letters = await lettersOf(principalOf(request));
      return success(
        letters.map(({ id, signal, reason, receivedAtMs, failedAtMs, bytes }) => ({
          id,
          signal,
          reason,
          received_at: isoTime(receivedAtMs),
          failed_at: isoTime(failedAtMs),
          bytes,
        })),
      );
    },
  });

  api.route({
    method: 'POST',
    url: '/api/v1/dead-letters/:id/retry',
    config: { access: 'admin' },
    schema: {
      tags: ['telemetry'],
      summary: 'Tries to store a dead letter again.',
      params: idParams,
      response: { 200: idAnswer },
    },
    handler: (request) => act(principalOf(request), request.params.id, 'retry'),
  });

  api.route({
    method: 'DELETE',
    url: '/api/v1/dead-letters/:id',
    config: { access: 'admin' },
    schema: {
      tags: ['telemetry'],
      summary: 'Gives up a dead letter.',
      params: idParams,
      response: { 200: idAnswer },
    },
    handler: (request) => act(principalOf(request), request.params.id, 'remove'),
  });
}

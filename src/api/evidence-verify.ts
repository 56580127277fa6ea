import { z } from 'zod';

import { isDeeperThan } from '../base/is-deeper-than.ts';
import { sha256, verifyPackage, type JsonObject } from '../base/verifier.ts';
import { AppError } from '../errors.ts';
import { answerOf, isoTime, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { packageIdOf } from './evidence.ts';
import { principalOf } from './route-access.ts';

/** It is read, hashed and answered while others wait. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;
/** The verifier follows what stands within each other. */
const LEVELS_MAX = 256;
const FAILURES_MAX = 100;

const verdictAnswer = z
  .object({
    ok: z.boolean(),
    checked_sessions: z.int(),
    checked_events: z.int(),
    /** Who signed, as the package says and its signature proves; empty when it says nothing. */
    public_key: z.string(),
    /** Whether that is the key of this server. */
    own_key: z.boolean(),
    /** When this server made it, by the audit log; null when it did not. */
    made_here: z
      .object({
        at: z.string(),
        by: z.string(),
        /** Whether the file is, character for character, what was made; null for old packages. */
        same: z.boolean().nullable(),
      })
      .nullable(),
    /** What the package says of itself. */
    about: z.object({
      exported_at: z.string(),
      from: z.string(),
      to: z.string(),
      agent: z.string().nullable(),
      content: z.string(),
    }),
    sha256: z.string(),
    failures_total: z.int(),
    failures: z.array(
      z.object({
        session_id: z.string(),
        /** From 1; 0 where the fault is not one event's. */
        seq: z.int(),
        event_id: z.string(),
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'EvidenceVerdict' });

/** The check that an auditor makes offline, for whoever has a browser alone. */
export function evidenceVerifyRoutes(api: Api, deps: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/api/v1/evidence/verify',
    config: { access: 'governance:read' },
    bodyLimit: BODY_BYTES_MAX,
    schema: {
      tags: ['governance'],
      summary: 'Verifies a package of evidence: every hash, every head and the signature.',
      description: `Up to ${BODY_BYTES_MAX / 1024 / 1024} MiB; larger ones are verified by \`signalbox verify --from-export FILE\`. The package is not kept.`,
      body: z.record(z.string(), z.unknown()),
      response: { 200: answerOf(verdictAnswer) },
    },
    handler: async (request) => {
      const evidence = inner(request.body);
      if (isDeeperThan(evidence, LEVELS_MAX)) {
        const why = `the package is nested more than ${LEVELS_MAX} deep, which none is that was made here`;
        throw new AppError('VALIDATION_ERROR', why);
      }
      const { failures, ...verdict } = verifyPackage(evidence);
      const digest = sha256(JSON.stringify(evidence));
      return success({
        ...verdict,
        own_key: verdict.public_key === deps.evidenceKey.publicKey,
        made_here: await madeHere(deps, principalOf(request).project, evidence, digest),
        about: aboutOf(evidence),
        sha256: digest,
        failures_total: failures.length,
        failures: failures.slice(0, FAILURES_MAX).map((failure) => ({ ...failure })),
      });
    },
  });
}

/** The server's own answer holds its package in an envelope. */
function inner(body: Readonly<Record<string, unknown>>): JsonObject {
  const { success: answered, data } = body;
  const isAnswer = answered === true && typeof data === 'object' && data !== null;
  return (isAnswer ? data : body) as JsonObject;
}

async function madeHere({ store }: ApiDeps, project: string, evidence: JsonObject, digest: string) {
  const targetId = packageIdOf(evidence);
  if (targetId === '') return null;
  const filter = { action: 'evidence_package.created', targetKind: 'evidence_package', targetId };
  const [entry] = await store.auditLog.find(project, filter, { limit: 1 });
  if (entry === undefined) return null;
  const { sha256: told } = entry.detail;
  return {
    at: isoTime(entry.atMs),
    by: entry.actor.name,
    same: typeof told === 'string' ? told === digest : null,
  };
}

function aboutOf(evidence: JsonObject) {
  const metadata = objectOf(evidence['compliance_metadata']);
  const period = objectOf(metadata['period']);
  return {
    exported_at: textOf(metadata['exported_at']),
    from: textOf(period['from']),
    to: textOf(period['to']),
    agent: textOf(metadata['agent']) || null,
    content: textOf(metadata['content']),
  };
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const textOf = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 1_000) : '');

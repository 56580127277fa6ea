import { queryOptions } from '@tanstack/react-query';
import { read } from './call.ts';
import type { BodyOf, DataOf } from './call.ts';
import { request } from './http.ts';

export type EvidenceReadiness = DataOf<'GET /api/v1/evidence/readiness'>;
export type EvidencePackageMade = DataOf<'GET /api/v1/evidence/packages'>[number];
export type EvidenceVerdict = DataOf<'POST /api/v1/evidence/verify'>;

export function readinessQuery(days: number) {
  return queryOptions({
    queryKey: ['evidence', 'readiness', days],
    queryFn: ({ signal }) =>
      read('GET /api/v1/evidence/readiness', { query: { retention_days: days }, signal }),
    retry: false,
  });
}

export const packagesQuery = queryOptions({
  queryKey: ['evidence', 'packages'],
  queryFn: ({ signal }) => read('GET /api/v1/evidence/packages', { query: { limit: 100 }, signal }),
});

export type PackageWanted = BodyOf<'POST /api/v1/evidence/packages'>;

/** Makes a package and answers the text of its file: the one whose digest the audit log keeps. */
export async function makePackage(wanted: PackageWanted): Promise<string> {
  return JSON.stringify(await read('POST /api/v1/evidence/packages', { body: wanted }));
}

/** As much as the server verifies at once. */
export const VERIFIED_BYTES_MAX = 16 * 1024 * 1024;

/** Sends a file to be verified; what is no JSON fails before it is sent. */
export async function verifyFile(file: Blob): Promise<EvidenceVerdict> {
  let body: unknown;
  try {
    body = JSON.parse(await file.text());
  } catch {
    throw new Error(
      'The file is no JSON, so that it is no package: its content was damaged, or it is another file.',
    );
  }
  const { data } = await request<EvidenceVerdict>('/api/v1/evidence/verify', {
    method: 'POST',
    body,
  });
  return data;
}

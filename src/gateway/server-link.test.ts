import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { NOON_MS, startApi } from '../../test/harness/api.ts';
import { eventually } from '../../test/harness/eventually.ts';
import { DEFAULT_PROJECT, SYSTEM_PRINCIPAL } from '../auth/principal.ts';
import type { Approval } from '../model/approval.ts';
import { openControlStore } from '../storage/relational/control-store.ts';
import { openCallLog } from './call-log.ts';
import { openServerLink } from './server-link.ts';

const APPROVAL: Approval = {
  id: 'apr_after',
  project: DEFAULT_PROJECT,
  agent: 'claude',
  tool: 'files.write',
  argumentsDigest: 'ab'.repeat(32),
  policyVersion: 'v1',
  policyRule: 'p#1',
  status: 'pending',
  execution: 'none',
  paramsJson: '{}',
  injectionRisk: false,
  sessionId: '',
  traceId: '',
  spanId: '',
  parentSpanId: '',
  face: 'http',
  callbackUrl: '',
  createdAtMs: NOON_MS,
  expiresAtMs: NOON_MS + 60_000,
  resolvedAtMs: null,
  resolvedBy: null,
  reasoning: null,
  confidence: null,
  executedAtMs: null,
};

test('a gateway whose store was put back to an earlier one tells everything again', async () => {
  const api = await startApi();
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-link-'));
  const store = await openControlStore({ kind: 'sqlite', path: join(folder, 'control.db') });
  await store.approvals.create(APPROVAL);
  const made = await api.auth.apiKeys.create(
    { label: 'edge', scopes: ['gateway:link'] },
    SYSTEM_PRINCIPAL,
  );
  const place = { project: DEFAULT_PROJECT, name: 'edge', instance: 'instance-one' };
  const greeting = { ...place, url: '', version: '', heardAtMs: NOON_MS };
  const before = await api.store.toldApprovals.greet(greeting);
  const heard = { approvals: [], atMs: NOON_MS, approvalsCursor: '57:apr_lost' };
  await api.store.toldApprovals.tell(before, heard, () => {
    throw new Error('nothing was decided');
  });
  const link = openServerLink({
    server: { url: api.url, key: made.secret },
    instance: place.instance,
    url: '',
    version: '',
    approvals: store.approvals,
    calls: { after: () => [], written: async () => undefined },
    dangersOf: () => [],
    decide: async () => undefined,
    onProblem: () => undefined,
  });
  await eventually('the approval at the server', async () => {
    const told = await api.store.toldApprovals.get(DEFAULT_PROJECT, APPROVAL.id);
    return told?.gateway === 'edge' ? told : undefined;
  });
  const [gateway] = await api.store.toldApprovals.listGateways(DEFAULT_PROJECT);
  expect(gateway).toMatchObject({ name: 'edge', approvalsCursor: `1:${APPROVAL.id}` });
  await link.close();
  await api.close();
  await store.close();
  await rm(folder, { recursive: true });
});

const CALL = {
  trace_id: '',
  span_id: 'ab'.repeat(8),
  parent_span_id: '',
  agent_id: 'claude',
  project: DEFAULT_PROJECT,
  face: 'http',
  tool: 'files.write',
  params: {},
  policy: 'allow',
  policy_rule: 'p#1',
  status_code: 200,
  latency_ms: 1,
  timestamp: '2026-11-20T12:00:00.000Z',
  start_unix_nano: '1',
  end_unix_nano: '2',
  estimated_input_tokens: 0,
  estimated_output_tokens: 0,
  tokens_source: 'estimate',
} as const;

test('a call is told when it stands in the file, so that a crash cannot forget what is known', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-link-'));
  const file = join(folder, 'calls.jsonl');
  const api = await startApi();
  const calls = await openCallLog({ file, onProblem: () => undefined });
  const key = await api.keyWith('gateway:link');
  /** The file at the moment when the call was about to be told. */
  let written: string | undefined;
  const link = openServerLink({
    server: { url: api.url, key },
    instance: 'instance-one',
    url: '',
    version: '',
    approvals: { listChanged: async () => [] },
    calls: {
      written: () => calls.written(),
      after(span, limit) {
        const found = calls.after(span, limit);
        if (found.length > 0) written = existsSync(file) ? readFileSync(file, 'utf8') : '';
        return found;
      },
    },
    dangersOf: () => [],
    decide: async () => undefined,
    onProblem: () => undefined,
  });
  await eventually('the link', () => link.isConnected() || undefined);
  calls.add(CALL);
  link.wake();
  await eventually('the call to be told', () => written);
  expect(written).toBe(`${JSON.stringify(CALL)}\n`);
  await link.close();
  await api.close();
  await calls.shutdown();
  await rm(folder, { recursive: true });
});

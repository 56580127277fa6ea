import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { openSigningKey } from '../../base/signing-key.ts';
import { verifyPackage } from '../../base/verifier.ts';
import type { AuditRecord } from '../../storage/audit-log.ts';
import { createTraceEvidence } from './trace-evidence.ts';
import type { EvidenceSpan } from './trace-evidence.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-evidence-'));
const key = openSigningKey(join(folder, 'key.pem'));
afterAll(() => rmSync(folder, { recursive: true }));

const span = (name: string, rest: Partial<EvidenceSpan> = {}): EvidenceSpan => ({
  spanId: name.padStart(16, '0').slice(-16),
  parentSpanId: '',
  name,
  startNs: 1_763_640_000_000_000_001n,
  endNs: 1_763_640_001_000_000_001n,
  failed: false,
  statusMessage: '',
  agent: 'invoice-processor',
  operation: '',
  model: '',
  tool: '',
  inputTokens: null,
  outputTokens: null,
  attributes: {},
  ...rest,
});

const spans = [
  span('a', { operation: 'invoke_agent' }),
  span('b', { operation: 'chat', model: 'gpt-4.1', inputTokens: 10, outputTokens: 2 }),
  span('c', {
    operation: 'execute_tool',
    tool: 'refund',
    failed: true,
    attributes: {
      'gen_ai.tool.call.arguments': '{"to":"https://me:hunter2@bank/"}',
      lone: 'x\uD800',
    },
  }),
];

const decision: AuditRecord = {
  sequence: 7,
  project: 'default',
  atMs: 1_763_640_000_500,
  actor: { kind: 'user', id: 'u1', name: 'ada' },
  action: 'approval.denied',
  target: { kind: 'approval', id: 'p1' },
  reason: 'Not this account',
  detail: {},
};

const make = (digestsOnly: boolean) =>
  createTraceEvidence([{ traceId: 'ab'.repeat(16), spans }], [decision], {
    key,
    version: '1.2.3',
    createdAt: '2026-11-20T12:00:00.000Z',
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-12-01T00:00:00.000Z',
    agent: null,
    digestsOnly,
    retentionDays: 180,
  });

describe('a package of evidence', () => {
  test('holds each span and each decision, and verifies once it was written', () => {
    const file = JSON.parse(JSON.stringify(make(false)));
    expect(verifyPackage(file, key.publicKey)).toEqual({
      ok: true,
      checked_sessions: 2,
      checked_events: 4,
      public_key: key.publicKey,
      failures: [],
    });
    expect(file.human_oversight_points).toEqual([
      {
        timestamp: '2025-11-20T12:00:00.500Z',
        type: 'approval.denied',
        by: 'ada',
        subject: 'approval p1',
        detail: 'Not this account',
      },
    ]);
    expect(file.sessions[0].article_13).toEqual({
      capabilities_summary: {
        tools_available: null,
        tools_used: ['refund'],
        models_used: ['gpt-4.1'],
      },
      limitations: { errors_encountered: 1 },
    });
    expect(JSON.stringify(file)).not.toContain('hunter2');
  });

  test('without content proves the same and names nobody', () => {
    const text = JSON.stringify(make(true));
    expect(text).not.toMatch(/hunter2|"ada"|Not this account/);
    expect(verifyPackage(JSON.parse(text)).ok).toBe(true);
  });

  // oxlint-disable-next-line typescript/no-explicit-any -- an attacker changes any field
  const attempts: Record<string, (file: any) => void> = {
    'changing a span': (file) => (file.sessions[0].integrity.records[2].data.failed = false),
    'deleting a decision': (file) => file.sessions[1].integrity.records.pop(),
    'changing who decided': (file) => (file.human_oversight_points[0].by = 'nobody'),
    'deleting a trace': (file) => file.sessions.shift(),
  };
  test.each(Object.keys(attempts))('%s is found', (name) => {
    const file = JSON.parse(JSON.stringify(make(false)));
    attempts[name]!(file);
    expect(verifyPackage(file).ok).toBe(false);
  });
});

import { expect, test } from 'vitest';

import type { Approval, Grant, ToolPin } from '../../model/approval.ts';
import { entryOf, type Context } from './conformance-context.ts';

function approvalOf(project: string, id: string, rest: Partial<Approval> = {}): Approval {
  return {
    id,
    project,
    agent: 'claude',
    tool: 'files.write_file',
    argumentsDigest: 'ab'.repeat(32),
    policyVersion: 'v1',
    policyRule: 'p#1',
    status: 'pending',
    execution: 'none',
    paramsJson: '{"path":"/tmp/ü"}',
    injectionRisk: true,
    sessionId: 's1',
    traceId: 'c'.repeat(32),
    spanId: 'd'.repeat(16),
    parentSpanId: '',
    face: 'http',
    callbackUrl: '',
    createdAtMs: 1_000,
    expiresAtMs: 5_000,
    resolvedAtMs: null,
    resolvedBy: null,
    reasoning: null,
    confidence: null,
    executedAtMs: null,
    ...rest,
  };
}

const resolutionOf = (project: string, id: string, status: 'approved' | 'denied' = 'approved') => ({
  project,
  id,
  status,
  resolvedBy: 'ada',
  reasoning: 'fine',
  confidence: 0.75,
  atMs: 2_000,
  usableUntilMs: 9_000,
});

/** Approvals, grants and pinned tools. */
export function testGateway(context: Context): void {
  testApprovals(context);
  testExecution(context);
  testGrants(context);
  testToolPins(context);
}

function testApprovals(context: Context): void {
  test('an approval is kept whole and found by its id, a prefix, its status and its tool', async () => {
    const { store, project, open } = context();
    const one = approvalOf(project, `${project}-aa1`);
    const other = approvalOf(project, `${project}-ab2`, { tool: 'crm.get_x', createdAtMs: 2_000 });
    await store.approvals.create(one);
    await store.approvals.create(other);
    const again = await open();
    expect(await again.approvals.get(project, one.id)).toEqual(one);
    await again.close();
    expect(await store.approvals.get('elsewhere', one.id)).toBeUndefined();
    expect(await store.approvals.findByPrefix(project, `${project}-aa`, 2)).toEqual([one]);
    expect(await store.approvals.findByPrefix(project, project, 2)).toEqual([one, other]);
    const page = { offset: 0, limit: 10 };
    expect(await store.approvals.find(project, {}, page)).toEqual({
      approvals: [other, one],
      total: 2,
    });
    const found = async (tool: string) =>
      (await store.approvals.find(project, { status: 'pending', tool }, page)).approvals;
    expect(await found('files.*')).toEqual([one]);
    expect(await found('crm.get%x')).toEqual([]);
    const pending = await store.approvals.listPending('', 1_000);
    expect(pending.filter((approval) => approval.project === project)).toEqual([one, other]);
  });

  test('the first decision wins and leaves its entry, later ones change nothing', async () => {
    const { store, project } = context();
    const { id } = approvalOf(project, `${project}-1`);
    await store.approvals.create(approvalOf(project, id));
    const entry = entryOf(project, 'approval.approved', id);
    const decisions = await Promise.all([
      store.approvals.resolve(resolutionOf(project, id), entry),
      store.approvals.resolve(resolutionOf(project, id, 'denied'), entry),
      store.approvals.resolve(resolutionOf(project, id, 'denied'), entry),
    ]);
    expect(decisions.filter(Boolean)).toEqual([true]);
    const log = await store.auditLog.find(project, { targetId: id }, { limit: 10 });
    expect(log).toHaveLength(1);
    const stored = await store.approvals.get(project, id);
    expect(stored).toMatchObject({ resolvedBy: 'ada', confidence: 0.75, expiresAtMs: 9_000 });
    expect(await store.approvals.countDecisions(stored!)).toEqual({
      approved: stored!.status === 'approved' ? 1 : 0,
      denied: stored!.status === 'denied' ? 1 : 0,
    });
  });

  test('only a call that is bound alike finds the approval, and only until it expires', async () => {
    const { store, project } = context();
    const one = approvalOf(project, `${project}-1`);
    await store.approvals.create(one);
    const usable = async (rest: Partial<Approval>, nowMs = 4_999) =>
      (await store.approvals.findUsable({ ...one, ...rest }, nowMs))?.id;
    expect(await usable({})).toBe(one.id);
    expect(await usable({ argumentsDigest: 'cd'.repeat(32) })).toBeUndefined();
    expect(await usable({ agent: 'other' })).toBeUndefined();
    expect(await usable({ tool: 'files.delete' })).toBeUndefined();
    expect(await usable({ policyVersion: 'v2' })).toBeUndefined();
    expect(await usable({}, 5_000)).toBeUndefined();
    await store.approvals.resolve(resolutionOf(project, one.id), entryOf(project, 'a', one.id));
    expect(await usable({}, 8_999)).toBe(one.id);
    await store.approvals.claim(project, one.id, 3_000);
    expect(await usable({})).toBeUndefined();
  });
}

function testExecution(context: Context): void {
  test('an approval is claimed once, and only when approved and not expired', async () => {
    const { store, project } = context();
    const { id } = approvalOf(project, `${project}-1`);
    await store.approvals.create(approvalOf(project, id));
    expect(await store.approvals.claim(project, id, 3_000)).toBe(false);
    await store.approvals.resolve(resolutionOf(project, id), entryOf(project, 'a', id));
    expect(await store.approvals.claim(project, id, 9_000)).toBe(false);
    const claims = await Promise.all(
      Array.from({ length: 8 }, () => store.approvals.claim(project, id, 3_000)),
    );
    expect(claims.filter(Boolean)).toHaveLength(1);
    await store.approvals.finish(project, id, 'done', 4_000);
    await store.approvals.finish(project, id, 'failed', 5_000);
    expect(await store.approvals.get(project, id)).toMatchObject({
      execution: 'done',
      executedAtMs: 4_000,
    });
  });

  test('what a crash left executing is interrupted and never claimed again', async () => {
    const { store, project } = context();
    const { id } = approvalOf(project, `${project}-1`);
    await store.approvals.create(approvalOf(project, id));
    await store.approvals.resolve(resolutionOf(project, id), entryOf(project, 'a', id));
    await store.approvals.claim(project, id, 3_000);
    const interrupted = await store.approvals.interruptExecuting(4_000);
    expect(interrupted.map((approval) => approval.id)).toContain(id);
    expect(await store.approvals.claim(project, id, 5_000)).toBe(false);
    await store.approvals.removeResolvedBefore(2_000);
    expect(await store.approvals.get(project, id)).toMatchObject({ execution: 'interrupted' });
    await store.approvals.removeResolvedBefore(2_001);
    expect(await store.approvals.get(project, id)).toBeUndefined();
  });
}

function testGrants(context: Context): void {
  test('a grant covers until it expires, is used up or revoked', async () => {
    const { store, project } = context();
    const grant: Grant = {
      id: `${project}-g`,
      project,
      agent: 'claude-*',
      tools: ['files.*', 'crm.get'],
      createdBy: 'ada',
      reason: null,
      createdAtMs: 1_000,
      expiresAtMs: 5_000,
      usesMax: 2,
      uses: 0,
      revokedAtMs: null,
    };
    await store.grants.create(grant, entryOf(project, 'grant.created', grant.id));
    expect(await store.grants.get(project, grant.id)).toEqual(grant);
    expect(await store.grants.use(project, grant.id, 5_000)).toBe(false);
    const uses = await Promise.all(
      Array.from({ length: 5 }, () => store.grants.use(project, grant.id, 2_000)),
    );
    expect(uses.filter(Boolean)).toHaveLength(2);
    expect(await store.grants.list(project, 10, 2_000)).toEqual([]);
    expect(await store.grants.list(project, 10)).toEqual([{ ...grant, uses: 2 }]);
    const endless = { ...grant, id: `${project}-h`, usesMax: null };
    await store.grants.create(endless, entryOf(project, 'grant.created', endless.id));
    expect(await store.grants.list(project, 10, 2_000)).toEqual([endless]);
    const revoke = () =>
      store.grants.revoke(project, endless.id, 3_000, entryOf(project, 'r', endless.id));
    expect([await revoke(), await revoke()]).toEqual([true, false]);
    expect(await store.grants.use(project, endless.id, 3_000)).toBe(false);
    expect(await store.grants.list(project, 10, 3_000)).toEqual([]);
  });
}

function testToolPins(context: Context): void {
  test('a pinned tool stays as it was accepted until somebody accepts the change', async () => {
    const { store, project } = context();
    const pin: ToolPin = {
      project,
      server: 'files',
      tool: 'read',
      digest: 'a',
      definitionJson: '{"description":"reads"}',
      pinnedAtMs: 1_000,
      held: null,
    };
    await store.toolPins.put([pin]);
    const held = { digest: 'b', definitionJson: '{"description":"reads and sends"}', sinceMs: 2 };
    await store.toolPins.put([{ ...pin, digest: 'c', definitionJson: '{}', held }]);
    expect(await store.toolPins.list(project)).toEqual([{ ...pin, held }]);
    expect(await store.toolPins.list(project, 'other')).toEqual([]);
    const accept = (digest: string) =>
      store.toolPins.accept(pin, digest, 3_000, entryOf(project, 'tool.accepted', 'read'));
    expect([await accept('c'), await accept('b'), await accept('b')]).toEqual([false, true, false]);
    expect(await store.toolPins.list(project, 'files')).toEqual([
      {
        ...pin,
        digest: 'b',
        definitionJson: held.definitionJson,
        pinnedAtMs: 3_000,
      },
    ]);
  });
}

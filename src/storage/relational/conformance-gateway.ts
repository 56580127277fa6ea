import { expect, test } from 'vitest';

import type { Approval, Grant, ToldApproval, ToolPin } from '../../model/approval.ts';
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
  testToldApprovals(context);
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

  test('whoever follows the changes hears of each approval again when it changes, and of none twice', async () => {
    const { store, project } = context();
    const ids = ['a', 'b', 'c'].map((name) => `${project}-${name}`);
    const start = (await store.approvals.listChanged({ change: 0, id: '' }, 10_000)).at(-1);
    let at = { change: start?.change ?? 0, id: start?.approval.id ?? '' };
    const heard = async (limit = 10) => {
      const found = (await store.approvals.listChanged(at, limit)).filter(
        ({ approval }) => approval.project === project,
      );
      const last = found.at(-1);
      if (last !== undefined) at = { change: last.change, id: last.approval.id };
      return found.map(({ approval: { id, status, execution } }) => [id, status, execution]);
    };
    for (const id of ids) await store.approvals.create(approvalOf(project, id));
    expect(await heard(2)).toEqual([
      [ids[0], 'pending', 'none'],
      [ids[1], 'pending', 'none'],
    ]);
    await store.approvals.resolve(resolutionOf(project, ids[0]!), entryOf(project, 'a', ids[0]!));
    expect(await heard()).toEqual([
      [ids[2], 'pending', 'none'],
      [ids[0], 'approved', 'none'],
    ]);
    expect(await heard()).toEqual([]);
    await store.approvals.claim(project, ids[0]!, 3_000);
    await store.approvals.finish(project, ids[0]!, 'done', 4_000);
    expect(await heard()).toEqual([[ids[0], 'approved', 'done']]);
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
    await store.approvals.create(approvalOf(project, `${project}-2`));
    await store.approvals.removeResolvedBefore(2_001);
    expect(await store.approvals.get(project, id)).toBeUndefined();
  });

  test('numbers of changes are never given again, also when all approvals are removed', async () => {
    const { store, project } = context();
    const [first, second] = [`${project}-1`, `${project}-2`] as const;
    await store.approvals.create(approvalOf(project, first));
    await store.approvals.resolve(resolutionOf(project, first), entryOf(project, 'a', first));
    const beginning = { change: 0, id: '' };
    const changes = await store.approvals.listChanged(beginning, 10_000);
    const heard = Math.max(...changes.map(({ change }) => change));
    await store.approvals.removeResolvedBefore(Number.MAX_SAFE_INTEGER);
    await store.approvals.create(approvalOf(project, second));
    const news = await store.approvals.listChanged({ change: heard, id: '\u{10ffff}' }, 10_000);
    expect(news.map(({ approval }) => approval.id)).toContain(second);
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

function testToldApprovals(context: Context): void {
  const at = 7_000;
  const greeting = (project: string, name: string, instance = 'i1') => ({
    project,
    name,
    instance,
    url: 'http://127.0.0.1:9090',
    version: '1',
    heardAtMs: at,
  });
  const toldOf = (project: string, gateway: string, rest: Partial<Approval>): ToldApproval => ({
    ...approvalOf(project, `${project}-${gateway}`, rest),
    gateway,
    dangers: ['It destroys.'],
  });
  const entryOfTold = ({ project, id, status }: ToldApproval) =>
    entryOf(project, `approval.${status}`, id);

  test('what a gateway elsewhere tells stands beside the own approvals, and never waits here', async () => {
    const { store, project, open } = context();
    const own = approvalOf(project, `${project}-own`, { createdAtMs: 3_000 });
    await store.approvals.create(own);
    const here = await store.toldApprovals.greet(greeting(project, 'edge'));
    expect(here).toEqual({
      ...greeting(project, 'edge'),
      approvalsCursor: '',
      callsCursor: '',
    });
    const told = toldOf(project, 'edge', { createdAtMs: 4_000, expiresAtMs: 9_000 });
    const batch = { approvals: [told], atMs: 8_000, approvalsCursor: '5:x' };
    expect(await store.toldApprovals.tell(here, batch, entryOfTold)).toEqual([]);
    const page = { offset: 0, limit: 10 };
    const again = await open();
    expect(await again.toldApprovals.findAll(project, { tool: 'files.*' }, page)).toEqual({
      approvals: [told, { ...own, gateway: '', dangers: [] }],
      total: 2,
    });
    const second = { offset: 1, limit: 1 };
    const { approvals } = await again.toldApprovals.findAll(project, {}, second);
    expect(approvals.map(({ id }) => id)).toEqual([own.id]);
    expect(await again.toldApprovals.get(project, told.id)).toEqual(told);
    expect(await again.toldApprovals.listGateways(project)).toEqual([
      { ...here, heardAtMs: 8_000, approvalsCursor: '5:x' },
    ]);
    expect(await again.toldApprovals.countPending(project, 8_999)).toEqual(new Map([['edge', 1]]));
    expect(await again.toldApprovals.countPending(project, 9_000)).toEqual(new Map());
    await again.close();
    // It is the gateway's, so that nothing here may use, time out or decide it.
    expect(await store.approvals.findUsable(told, 4_999)).toMatchObject({ id: own.id });
    const waiting = await store.approvals.listPending('', 10_000);
    expect(waiting.map(({ id }) => id)).not.toContain(told.id);
  });

  test('a decision that is told leaves its entry once, and another gateway cannot overwrite it', async () => {
    const { store, project } = context();
    const edge = await store.toldApprovals.greet(greeting(project, 'edge'));
    const rogue = await store.toldApprovals.greet(greeting(project, 'rogue', 'i2'));
    const pending = toldOf(project, 'edge', {});
    const denied: ToldApproval = { ...pending, status: 'denied', resolvedAtMs: 2_000 };
    const tell = (by: typeof edge, ...approvals: ToldApproval[]) =>
      store.toldApprovals.tell(by, { approvals, atMs: at }, entryOfTold);
    await tell(edge, pending);
    await tell(edge, denied);
    await tell(edge, denied);
    await tell(edge, pending);
    expect(await tell(rogue, { ...pending, gateway: 'rogue', status: 'approved' })).toEqual([
      pending.id,
    ]);
    expect(await store.toldApprovals.get(project, pending.id)).toEqual(denied);
    const log = await store.auditLog.find(project, { targetId: pending.id }, { limit: 10 });
    expect(log.map(({ action }) => action)).toEqual(['approval.denied']);
  });

  test('a gateway with a new store has told nothing, and what waited in the old one is forgotten', async () => {
    const { store, project } = context();
    const before = await store.toldApprovals.greet(greeting(project, 'edge'));
    const pending = toldOf(project, 'edge', {});
    const decided = { ...pending, id: `${project}-d`, status: 'denied' as const, resolvedAtMs: 2 };
    const told = { approvals: [pending, decided], atMs: at, approvalsCursor: '9:z' };
    await store.toldApprovals.tell(before, told, entryOfTold);
    expect(await store.toldApprovals.greet(greeting(project, 'edge'))).toMatchObject({
      approvalsCursor: '9:z',
    });
    expect(await store.toldApprovals.greet(greeting(project, 'edge', 'i9'))).toMatchObject({
      approvalsCursor: '',
    });
    expect(await store.toldApprovals.get(project, pending.id)).toBeUndefined();
    expect(await store.toldApprovals.get(project, decided.id)).toEqual(decided);
    // The same id is another approval elsewhere.
    const other = { ...pending, project: `${project}-else`, id: decided.id };
    const elsewhere = await store.toldApprovals.greet(greeting(other.project, 'edge'));
    await store.toldApprovals.tell(elsewhere, { approvals: [other], atMs: at }, entryOfTold);
    await store.toldApprovals.removeBefore({ resolvedBeforeMs: 3, expiredBeforeMs: 0 });
    expect(await store.toldApprovals.get(project, decided.id)).toBeUndefined();
    expect(await store.toldApprovals.get(other.project, other.id)).toEqual(other);
  });
}

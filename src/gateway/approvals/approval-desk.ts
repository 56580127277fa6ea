import type { Clock } from '../../base/clock.ts';
import { randomId, type NewId } from '../../base/random-id.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { Approval, ApprovalBinding } from '../../model/approval.ts';
import type { ApprovalStore } from '../../storage/approval-store.ts';
import { SYSTEM_ACTOR, type Actor } from '../../storage/audit-log.ts';

export interface NewApproval extends ApprovalBinding {
  readonly policyRule: string;
  readonly paramsJson: string;
  readonly injectionRisk: boolean;
  readonly sessionId: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly face: string;
  readonly callbackUrl: string;
}

export interface ApprovalDecision {
  readonly status: 'approved' | 'denied';
  readonly actor: Actor;
  /** As people know who decided; the actor's name unless a supervisor says otherwise. */
  readonly resolvedBy?: string | undefined;
  readonly reasoning?: string | undefined;
  readonly confidence?: number | undefined;
}

export interface ApprovalEvents {
  readonly onPending?: (approval: Approval) => void;
  /** `waited`: a call of this process waits for it and goes on by itself. */
  readonly onResolved?: (approval: Approval, waited: boolean) => void;
  readonly onProblem: (message: string) => void;
}

/** Where calls wait for decisions. What is answered here is durable. */
export interface ApprovalDesk {
  /** Takes up what an earlier process left, and answers what it left executing: that is not run again. */
  start(): Promise<readonly Approval[]>;
  /** The pending or the approved and unused approval of exactly this call. */
  findUsable(binding: ApprovalBinding): Promise<Approval | undefined>;
  /** Throws `OVERLOADED` when too many wait. */
  ask(request: NewApproval): Promise<Approval>;
  /** Resolves when it is decided or has timed out; rejects with the signal's reason when that comes first. */
  wait(approval: Approval, signal: AbortSignal): Promise<Approval>;
  /** Throws `NOT_FOUND`, or `CONFLICT` when it was decided before: the first decision wins. */
  decide(project: string, id: string, decision: ApprovalDecision): Promise<Approval>;
  /** Whether this call may run now; true once at most for one approval. */
  claim(approval: Approval): Promise<boolean>;
  finish(approval: Approval, failed: boolean): Promise<void>;
  /** By id or the beginning of one; throws `NOT_FOUND` for none and `CONFLICT` for several. */
  get(project: string, idOrPrefix: string): Promise<Approval>;
  find: ApprovalStore['find'];
  countDecisions: ApprovalStore['countDecisions'];
  pending(): number;
  /** Calls whose callers are there still. */
  waiting(): number;
  shutdown(): void;
}

export interface ApprovalDeskOptions {
  readonly store: ApprovalStore;
  readonly clock: Clock;
  readonly newId?: NewId;
  /** How long somebody may take to decide. */
  readonly timeoutMs: number;
  /** How long an approved call may take to use the approval. */
  readonly useWithinMs: number;
  /** Approvals that may wait at once. */
  readonly pendingMax: number;
  readonly events: ApprovalEvents;
}

const PAGE = 1_000;
const TIMER_MS_MAX = 2 ** 31 - 1;
/** A time-out that cannot be stored is tried again. */
const RETRY_MS = 1_000;
/** Decided approvals are kept so long. */
const KEPT_MS = 90 * 86_400_000;
const PREFIX = /^[\w-]{4,64}$/;

interface Pending {
  readonly project: string;
  readonly expiresAtMs: number;
  readonly waiting: Set<(approval: Approval) => void>;
}

interface Resolution {
  readonly status: 'approved' | 'denied' | 'timeout';
  readonly actor: Actor;
  readonly by: string;
  readonly atMs: number;
  readonly reasoning?: string | undefined;
  readonly confidence?: number | undefined;
}

export function createApprovalDesk(options: ApprovalDeskOptions): ApprovalDesk {
  return new Desk(options);
}

class Desk implements ApprovalDesk {
  readonly #options: ApprovalDeskOptions;
  readonly #store: ApprovalStore;
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();
  readonly find: ApprovalDesk['find'];
  readonly countDecisions: ApprovalDesk['countDecisions'];
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Infinity;
  #closed = false;

  constructor(options: ApprovalDeskOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#clock = options.clock;
    this.find = (project, filter, page) => this.#store.find(project, filter, page);
    this.countDecisions = (binding) => this.#store.countDecisions(binding);
  }

  async start(): Promise<readonly Approval[]> {
    const interrupted = await this.#store.interruptExecuting(this.#clock.now());
    await this.#store.removeResolvedBefore(this.#clock.now() - KEPT_MS);
    let afterId = '';
    for (;;) {
      const page = await this.#store.listPending(afterId, PAGE);
      for (const approval of page) this.#watch(approval);
      if (page.length < PAGE) return interrupted;
      afterId = page.at(-1)!.id;
    }
  }

  findUsable(binding: ApprovalBinding): Promise<Approval | undefined> {
    return this.#store.findUsable(binding, this.#clock.now());
  }

  async ask(request: NewApproval): Promise<Approval> {
    if (this.#pending.size >= this.#options.pendingMax) {
      const remedy = 'decide about some of them, or raise approval.pending_max';
      throw new AppError('OVERLOADED', `${this.#pending.size} approvals wait already; ${remedy}`);
    }
    const nowMs = this.#clock.now();
    const approval: Approval = {
      ...request,
      id: (this.#options.newId ?? randomId)('apr'),
      status: 'pending',
      execution: 'none',
      createdAtMs: nowMs,
      expiresAtMs: nowMs + this.#options.timeoutMs,
      resolvedAtMs: null,
      resolvedBy: null,
      reasoning: null,
      confidence: null,
      executedAtMs: null,
    };
    await this.#store.create(approval);
    this.#watch(approval);
    this.#options.events.onPending?.(approval);
    return approval;
  }

  async wait(approval: Approval, signal: AbortSignal): Promise<Approval> {
    signal.throwIfAborted();
    const pending = this.#pending.get(approval.id);
    // Decided between the look-up and now.
    if (pending === undefined) return this.get(approval.project, approval.id);
    return new Promise((resolve, reject) => {
      const settle = (resolved: Approval): void => {
        signal.removeEventListener('abort', abort);
        resolve(resolved);
      };
      const abort = (): void => {
        pending.waiting.delete(settle);
        reject(signal.reason as Error);
      };
      pending.waiting.add(settle);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  async decide(project: string, id: string, decision: ApprovalDecision): Promise<Approval> {
    const approval = await this.get(project, id);
    const atMs = this.#clock.now();
    if (approval.status === 'pending' && approval.expiresAtMs <= atMs) {
      await this.#expire(project, approval.id);
    }
    const by = decision.resolvedBy ?? decision.actor.name;
    const decided = await this.#resolve(approval, { ...decision, by, atMs });
    if (decided !== undefined) return decided;
    const present = await this.get(project, approval.id);
    const message = `${present.id} was decided before (${present.status} by ${present.resolvedBy}); the first decision stands`;
    throw new AppError('CONFLICT', message);
  }

  claim(approval: Approval): Promise<boolean> {
    return this.#store.claim(approval.project, approval.id, this.#clock.now());
  }

  finish(approval: Approval, failed: boolean): Promise<void> {
    const { project, id } = approval;
    return this.#store.finish(project, id, failed ? 'failed' : 'done', this.#clock.now());
  }

  async get(project: string, idOrPrefix: string): Promise<Approval> {
    const exact = await this.#store.get(project, idOrPrefix);
    if (exact !== undefined) return exact;
    const found = PREFIX.test(idOrPrefix)
      ? await this.#store.findByPrefix(project, idOrPrefix, 2)
      : [];
    if (found.length > 1) {
      const message = `several approvals begin with ${idOrPrefix}; give more of the id`;
      throw new AppError('CONFLICT', message);
    }
    if (found[0] !== undefined) return found[0];
    throw new AppError('NOT_FOUND', `there is no approval ${idOrPrefix}`);
  }

  pending(): number {
    return this.#pending.size;
  }

  waiting(): number {
    let calls = 0;
    for (const { waiting } of this.#pending.values()) calls += waiting.size;
    return calls;
  }

  shutdown(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #watch({ id, project, expiresAtMs }: Approval): void {
    this.#pending.set(id, { project, expiresAtMs, waiting: new Set() });
    this.#setTimer(expiresAtMs);
  }

  #setTimer(atMs: number): void {
    if (atMs >= this.#timerAtMs || this.#closed) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    const delay = Math.min(Math.max(0, atMs - this.#clock.now()), TIMER_MS_MAX);
    this.#timer = setTimeout(() => void this.#expireDue(), delay);
    this.#timer.unref();
  }

  async #expireDue(): Promise<void> {
    this.#timerAtMs = Infinity;
    const nowMs = this.#clock.now();
    let nextMs = Infinity;
    for (const [id, { project, expiresAtMs }] of this.#pending) {
      if (expiresAtMs > nowMs) {
        nextMs = Math.min(nextMs, expiresAtMs);
        continue;
      }
      await this.#expire(project, id).catch((error: unknown) => {
        this.#options.events.onProblem(`cannot time out approval ${id}: ${messageOf(error)}`);
        nextMs = Math.min(nextMs, nowMs + RETRY_MS);
      });
    }
    if (nextMs < Infinity) this.#setTimer(nextMs);
  }

  async #expire(project: string, id: string): Promise<void> {
    const approval = await this.#store.get(project, id);
    if (approval === undefined) {
      this.#pending.delete(id);
      return;
    }
    const atMs = this.#clock.now();
    await this.#resolve(approval, { status: 'timeout', actor: SYSTEM_ACTOR, by: 'timeout', atMs });
  }

  /** Undefined when somebody decided before. */
  async #resolve(approval: Approval, resolution: Resolution): Promise<Approval | undefined> {
    const { project, id, agent, tool, argumentsDigest } = approval;
    const { status, by: resolvedBy, atMs, actor } = resolution;
    const reasoning = resolution.reasoning ?? null;
    const confidence = resolution.confidence ?? null;
    const usableUntilMs = status === 'approved' ? atMs + this.#options.useWithinMs : atMs;
    const won = await this.#store.resolve(
      { project, id, status, resolvedBy, reasoning, confidence, atMs, usableUntilMs },
      {
        project,
        atMs,
        actor,
        action: `approval.${status === 'timeout' ? 'timed_out' : status}`,
        target: { kind: 'approval', id },
        reason: reasoning,
        detail: { agent, tool, arguments_sha256: argumentsDigest, decided_by: resolvedBy },
      },
    );
    if (!won) return undefined;
    const resolved: Approval = {
      ...approval,
      status,
      resolvedBy,
      reasoning,
      confidence,
      resolvedAtMs: atMs,
      expiresAtMs: usableUntilMs,
    };
    const waiting = this.#pending.get(id)?.waiting ?? new Set();
    this.#pending.delete(id);
    for (const settle of waiting) settle(resolved);
    this.#options.events.onResolved?.(resolved, waiting.size > 0);
    return resolved;
  }
}

import type { Broadcast } from '../base/broadcast.ts';
import type { Clock } from '../base/clock.ts';
import { randomId } from '../base/random-id.ts';
import { AppError, ERRORS, type ErrorCode } from '../errors.ts';
import type { ToldApproval } from '../model/approval.ts';
import type { Change } from '../model/change.ts';
import {
  LINK_SILENCE_MS,
  type DecisionAnswer,
  type LinkDecision,
  type LinkEvent,
} from '../model/gateway-link.ts';
import type { Actor, AuditEntry } from '../storage/audit-log.ts';
import type { CallEntry, GatewayBox } from './gateway-box.ts';
import type { LinkedGateway, ToldApprovalStore } from '../storage/told-approval-store.ts';

/** Gateways elsewhere that are connected now: they tell of their approvals and are told of decisions. */
export interface LinkedGateways {
  /**
   * What is known of a gateway that asks to connect; `attach` MUST follow. Throws `CONFLICT` while another is connected by
   * the same name.
   */
  greet(
    gateway: Omit<LinkedGateway, 'approvalsCursor' | 'callsCursor' | 'heardAtMs'>,
  ): Promise<LinkedGateway>;
  /** Connects it; `end` closes the connection. */
  attach(
    gateway: LinkedGateway,
    connection: { readonly send: (event: LinkEvent) => void; readonly end: () => void },
  ): Link;
  /** Throws `CONFLICT` for what is told on no connection of now. Answers the ids that are not its own. */
  take(report: GatewayReport): Promise<readonly string[]>;
  isConnected(project: string, name: string): boolean;
  /**
   * Passes a decision on, and answers the approval as the gateway has it then. Throws `GATEWAY_UNREACHABLE`, or what the
   * gateway refuses it with.
   */
  decide(approval: ToldApproval, decision: Decision): Promise<ToldApproval>;
  list(project: string): Promise<readonly (LinkedGateway & { readonly connected: boolean })[]>;
}

/** A call at a gateway elsewhere. */
export type ToldCall = CallEntry & {
  readonly project: string;
  readonly gateway: string;
  readonly start_unix_nano: string;
  readonly end_unix_nano: string;
};

export interface ToldCalls {
  add(call: ToldCall): void;
  written(): Promise<void>;
  find: GatewayBox['calls']['find'];
}

export interface Link {
  /** To be called at intervals: ends a connection on which nothing is heard. */
  check(): void;
  closed(): void;
}

export interface GatewayReport {
  readonly project: string;
  readonly name: string;
  readonly instance: string;
  readonly connection: string;
  readonly approvals: readonly ToldApproval[];
  readonly approvalsCursor: string | undefined;
  readonly calls: readonly ToldCall[];
  readonly callsCursor: string | undefined;
  readonly answers: readonly DecisionAnswer[];
  /** Who tells, for what was decided elsewhere. */
  readonly actor: Actor;
}

interface Decision {
  readonly decision: 'approve' | 'deny';
  readonly actor: Actor;
  readonly reason: string | undefined;
}

interface OpenLink {
  readonly project: string;
  readonly name: string;
  readonly instance: string;
  readonly id: string;
  readonly send: (event: LinkEvent) => void;
  readonly end: () => void;
  readonly open: Map<string, OpenDecision>;
  heardAtMs: number;
  /** Whether it has told of calls: its first may be those that it told before and had no answer to. */
  toldCalls: boolean;
}

interface OpenDecision {
  readonly approval: string;
  readonly decision: Decision;
  readonly settle: (answer: DecisionAnswer | 'cut') => void;
}

const LINKS_MAX = 1_000;
/** Decisions on their way to one gateway. */
const OPEN_MAX = 1_000;
const ANSWER_MS = 10_000;
const SWEEP_MS = 3_600_000;
/** Decided approvals are kept as long as the gateways keep them. */
const KEPT_MS = 90 * 86_400_000;
/** What a gateway that never came back left undecided is of no use to anybody after this. */
const FORSAKEN_MS = 86_400_000;

export function createLinkedGateways(options: {
  readonly store: ToldApprovalStore;
  /** Keeps the calls of late. */
  readonly calls: ToldCalls;
  readonly changes: Broadcast<Change>;
  readonly clock: Clock;
  readonly answerMs?: number;
}): LinkedGateways {
  return new Links(options);
}

class Links implements LinkedGateways {
  readonly #store: ToldApprovalStore;
  readonly #calls: ToldCalls;
  readonly #changes: Broadcast<Change>;
  readonly #clock: Clock;
  readonly #answerMs: number;
  readonly #links = new Map<string, OpenLink>();
  /** The instances of those that were greeted and are not attached yet. */
  readonly #arriving = new Map<string, string>();
  #sweptAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: Parameters<typeof createLinkedGateways>[0]) {
    const { store, calls, changes, clock, answerMs } = options;
    this.#store = store;
    this.#calls = calls;
    this.#changes = changes;
    this.#clock = clock;
    this.#answerMs = answerMs ?? ANSWER_MS;
  }

  async greet(gateway: Parameters<LinkedGateways['greet']>[0]): Promise<LinkedGateway> {
    this.#requireRoom(gateway);
    const key = keyOf(gateway.project, gateway.name);
    this.#arriving.set(key, gateway.instance);
    try {
      return await this.#store.greet({ ...gateway, heardAtMs: this.#clock.now() });
    } catch (error) {
      this.#arriving.delete(key);
      throw error;
    }
  }

  attach(...[gateway, connection]: Parameters<LinkedGateways['attach']>): Link {
    const { project, name, instance, approvalsCursor, callsCursor } = gateway;
    const key = keyOf(project, name);
    this.#arriving.delete(key);
    // The same gateway, back before its old connection was noticed to be dead.
    this.#links.get(key)?.end();
    const link: OpenLink = {
      project,
      name,
      instance,
      id: randomId('lnk'),
      ...connection,
      open: new Map(),
      heardAtMs: this.#clock.now(),
      toldCalls: false,
    };
    this.#links.set(key, link);
    connection.send({
      type: 'hello',
      connection: link.id,
      approvals_cursor: approvalsCursor,
      calls_cursor: callsCursor,
    });
    this.#publish(project);
    return {
      check: () => {
        if (this.#clock.now() - link.heardAtMs > LINK_SILENCE_MS) link.end();
      },
      closed: () => this.#drop(key, link),
    };
  }

  async take(report: GatewayReport): Promise<readonly string[]> {
    const { project, name, approvals, approvalsCursor, callsCursor, calls, actor } = report;
    const link = this.#require(report);
    const atMs = this.#clock.now();
    link.heardAtMs = atMs;
    await this.#keepCalls(link, calls);
    // It may have connected anew meanwhile.
    this.#require(report);
    const told = { approvals, approvalsCursor, callsCursor, atMs };
    const entryOf = (approval: ToldApproval) => entryAbout(approval, { link, actor, atMs });
    const refused = await this.#store.tell({ project, name }, told, entryOf);
    for (const answer of report.answers) link.open.get(answer.id)?.settle(answer);
    if (approvals.length + calls.length > 0) this.#publish(project);
    await this.#sweep();
    return refused;
  }

  isConnected(project: string, name: string): boolean {
    return this.#links.has(keyOf(project, name));
  }

  async decide(approval: ToldApproval, decision: Decision): Promise<ToldApproval> {
    const { project, id, gateway } = approval;
    const link = this.#links.get(keyOf(project, gateway));
    if (link === undefined) throw new AppError('GATEWAY_UNREACHABLE', awayText(gateway));
    if (link.open.size >= OPEN_MAX) {
      const many = `${link.open.size} decisions are on their way to ${gateway} already`;
      throw new AppError('OVERLOADED', many);
    }
    const answer = await this.#pass(link, id, decision);
    if (answer === 'cut') {
      const unknown = `${gateway} did not answer; whether the decision stands is shown as soon as it is connected again`;
      throw new AppError('GATEWAY_UNREACHABLE', unknown);
    }
    if (answer.error !== undefined) {
      const { code, message } = answer.error;
      throw new AppError(code in ERRORS ? (code as ErrorCode) : 'INTERNAL_ERROR', message);
    }
    return (await this.#store.get(project, id)) ?? approval;
  }

  async list(project: string) {
    const gateways = await this.#store.listGateways(project);
    return gateways.map((gateway) => ({
      ...gateway,
      connected: this.isConnected(project, gateway.name),
    }));
  }

  #require({ project, name, instance, connection }: GatewayReport): OpenLink {
    const link = this.#links.get(keyOf(project, name));
    if (link?.instance === instance && link.id === connection) return link;
    throw new AppError('CONFLICT', `the gateway ${name} is not connected so; connect first`);
  }

  async #keepCalls(link: OpenLink, calls: readonly ToldCall[]): Promise<void> {
    if (calls.length === 0) return;
    const known = link.toldCalls ? new Set() : this.#knownCalls(link.project);
    link.toldCalls = true;
    for (const call of calls) if (!known.has(keyOfCall(call))) this.#calls.add(call);
    await this.#calls.written();
  }

  #knownCalls(project: string): ReadonlySet<string> {
    const { entries } = this.#calls.find({ project }, { offset: 0, limit: Infinity });
    return new Set(entries.map(keyOfCall));
  }

  #requireRoom({
    project,
    name,
    instance,
  }: Pick<LinkedGateway, 'project' | 'name' | 'instance'>): void {
    const key = keyOf(project, name);
    const present = this.#links.get(key)?.instance ?? this.#arriving.get(key);
    if (present !== undefined && present !== instance) {
      const remedy = 'give each gateway a key of its own, whose label is its name';
      throw new AppError('CONFLICT', `another gateway is connected as ${name}; ${remedy}`);
    }
    if (present === undefined && this.#links.size >= LINKS_MAX) {
      throw new AppError('OVERLOADED', `${LINKS_MAX} gateways are connected already`);
    }
  }

  #pass(link: OpenLink, approval: string, decision: Decision): Promise<DecisionAnswer | 'cut'> {
    const id = randomId('dec');
    return new Promise((resolve) => {
      const settle = (answer: DecisionAnswer | 'cut'): void => {
        clearTimeout(timer);
        link.open.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(() => settle('cut'), this.#answerMs);
      link.open.set(id, { approval, decision, settle });
      const { reason = null, actor: by } = decision;
      const message: LinkDecision = {
        type: 'decision',
        id,
        approval,
        reason,
        by,
        decision: decision.decision,
      };
      link.send(message);
    });
  }

  #drop(key: string, link: OpenLink): void {
    for (const { settle } of link.open.values()) settle('cut');
    if (this.#links.get(key) !== link) return;
    this.#links.delete(key);
    this.#publish(link.project);
  }

  #publish(project: string): void {
    this.#changes.publish({ project, topic: 'approvals' });
  }

  async #sweep(): Promise<void> {
    const nowMs = this.#clock.now();
    if (nowMs - this.#sweptAtMs < SWEEP_MS) return;
    this.#sweptAtMs = nowMs;
    await this.#store.removeBefore({
      resolvedBeforeMs: nowMs - KEPT_MS,
      expiredBeforeMs: nowMs - FORSAKEN_MS,
    });
  }
}

const keyOfCall = ({ gateway, span_id: span, timestamp }: CallEntry): string =>
  `${gateway}\0${span}\0${timestamp}`;

const keyOf = (project: string, name: string): string => `${project}\0${name}`;

const awayText = (gateway: string): string =>
  `the gateway ${gateway} is not connected: decide at its own address, or when it is back`;

/** Whoever decided here is named; of a decision made at the gateway, the gateway is the witness. */
function entryAbout(
  approval: ToldApproval,
  about: { readonly link: OpenLink; readonly actor: Actor; readonly atMs: number },
): AuditEntry {
  const { project, id, agent, tool, status, resolvedBy } = approval;
  const { link, atMs } = about;
  const wanted = status === 'approved' ? 'approve' : 'deny';
  const here = [...link.open.values()].find(
    (each) =>
      each.approval === id &&
      each.decision.decision === wanted &&
      each.decision.actor.name === resolvedBy,
  );
  return {
    project,
    atMs,
    actor: here?.decision.actor ?? about.actor,
    action: `approval.${status === 'timeout' ? 'timed_out' : status}`,
    target: { kind: 'approval', id },
    reason: approval.reasoning,
    detail: {
      agent,
      tool,
      arguments_sha256: approval.argumentsDigest,
      decided_by: resolvedBy,
      gateway: approval.gateway,
      decided_at_ms: approval.resolvedAtMs,
    },
  };
}

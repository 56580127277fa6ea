import { createHash } from 'node:crypto';

import { BoundedMap } from '../base/bounded-map.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import type { Clock } from '../base/clock.ts';
import { isDeeperThan } from '../base/is-deeper-than.ts';
import { AppError, messageOf } from '../errors.ts';
import type { Approval, ApprovalBinding } from '../model/approval.ts';
import { redactJson } from '../model/secrets.ts';
import { SYSTEM_ACTOR } from '../storage/audit-log.ts';
import type { AgentDirectory, AgentFacts } from './agent-directory.ts';
import type { ApprovalDesk } from './approvals/approval-desk.ts';
import type { GrantBook } from './approvals/grant-book.ts';
import type { CallRecorder } from './call-recorder.ts';
import { withOthers, type Explanation } from './explain-call.ts';
import { hasInjectionRisk } from './injection.ts';
import type { CallFacts } from './policy/call-facts.ts';
import { explainPolicies } from './policy/explain-policies.ts';
import { withDefaultAction, type Decision, type PolicySet } from './policy/compile-policies.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { GateAnswer, RegistryGate } from './registry-gate.ts';
import type { Supervisor } from './supervisor.ts';
import {
  callerKey,
  type CallOutcome,
  type CallPolicy,
  type Caller,
  type ToolCall,
  type ToolResult,
  type UnseenCall,
} from './tool-call.ts';
import type { CatalogTool, ToolCatalog } from './tool-catalog.ts';
import { randomHexId, type NewHexId, type TraceContext } from './trace-context.ts';

export interface GovernorOptions {
  readonly catalog: Pick<ToolCatalog, 'get'>;
  readonly policies: () => PolicySet;
  readonly agents: AgentDirectory;
  readonly gate: RegistryGate;
  readonly limiter: RateLimiter;
  readonly grants: GrantBook;
  readonly desk: ApprovalDesk;
  readonly supervisor: Supervisor | undefined;
  /** Whether the tool's definition has changed since it was accepted. */
  readonly isHeld: (server: string, tool: string) => boolean;
  readonly record: CallRecorder;
  readonly clock: Clock;
  readonly newHexId?: NewHexId;
}

/** The one way of a tool call through the gateway, and what may be asked of it without calling. */
export interface Governor {
  /** Never rejects: whatever happens to the call is its outcome, and is recorded. */
  govern(call: ToolCall): Promise<CallOutcome>;
  /** Records a call whose arguments nobody can look at, so that it is never judged. */
  refuse(call: UnseenCall, error: string): CallOutcome;
  /** What would be decided, without counting, asking or calling. */
  preview(caller: Caller, tool: string, params: ToolCall['params']): Decision;
  /** The same with what was asked before it was decided. */
  explain(caller: Caller, tool: string, params: ToolCall['params']): Explanation;
  /** Throws `CALL_DENIED` when the agent may not use the gateway at all. */
  requireAdmitted(caller: Caller): void;
}

/** Results of calls that were answered at once, until the caller asks for them. */
const KEPT_RESULTS = 1_000;
/** What is redacted and searched for signs of an injection is looked at so deep, and nothing may hide below. */
const PARAMS_LEVELS_MAX = 64;
/** Arguments as JSON that somebody may be asked about: as much as is searched for signs of an injection. */
const APPROVED_CHARACTERS_MAX = 262_144;
/** Of answers, which are written as JSON by a function that calls itself. */
const RESULT_LEVELS_MAX = 512;

/** A call under way, with what is known of it so far. */
interface Case {
  readonly call: ToolCall;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly startNs: bigint;
  readonly startedAt: number;
  /** The time spent waiting for a decision. */
  waitedMs: number;
  approval: Approval | undefined;
}

interface Verdict {
  readonly code: number;
  readonly policy: CallPolicy;
  readonly rule: string;
  readonly error?: string | undefined;
  readonly result?: ToolResult | undefined;
}

export function createGovernor(options: GovernorOptions): Governor {
  return new CallGovernor(options);
}

class CallGovernor implements Governor {
  readonly #options: GovernorOptions;
  readonly #newHexId: NewHexId;
  readonly #kept = new BoundedMap<string, Promise<CallOutcome>>(KEPT_RESULTS);

  constructor(options: GovernorOptions) {
    this.#options = options;
    this.#newHexId = options.newHexId ?? randomHexId;
  }

  requireAdmitted(caller: Caller): void {
    const facts = this.#options.agents.factsOf(caller.project, caller.agent);
    const { action, reason } = this.#options.gate(caller.agent, facts, undefined);
    if (action === 'deny') throw new AppError('CALL_DENIED', reason);
  }

  preview(caller: Caller, tool: string, params: ToolCall['params']): Decision {
    return this.#wouldDecide(caller, tool, params).decision;
  }

  explain(caller: Caller, tool: string, params: ToolCall['params']): Explanation {
    const { facts, gate, decision } = this.#wouldDecide(caller, tool, params);
    const { considered } = explainPolicies(this.#options.policies(), facts);
    const grant =
      decision.action === 'human_approval'
        ? this.#options.grants.covering(caller.project, caller.agent, tool)
        : undefined;
    return { ...decision, considered: withOthers(considered, decision, gate), grant: grant?.id };
  }

  #wouldDecide(caller: Caller, tool: string, params: ToolCall['params']) {
    const known = this.#options.catalog.get(tool);
    const agentFacts = this.#options.agents.factsOf(caller.project, caller.agent);
    const facts = this.#factsOf({ caller, tool, params, model: undefined }, agentFacts);
    const gate = this.#options.gate(caller.agent, agentFacts, known);
    return { facts, gate, decision: this.#decide(facts, gate, known) };
  }

  async govern(call: ToolCall): Promise<CallOutcome> {
    if (isDeeperThan(call.params, PARAMS_LEVELS_MAX)) {
      return this.refuse(call, `the arguments are nested more than ${PARAMS_LEVELS_MAX} deep`);
    }
    const under = this.#open(call);
    let verdict: Verdict | 'waiting';
    try {
      verdict = await this.#judge(under);
    } catch (error) {
      verdict = verdictOf(error, call.signal);
    }
    if (verdict === 'waiting') return this.#waitingOutcome(under);
    // A caller that has gone leaves the decision open: the call is recorded when it is made.
    if (!(verdict.code === 499 && under.approval?.status === 'pending'))
      this.#close(under, verdict);
    return this.#outcome(under, verdict);
  }

  refuse(call: UnseenCall, error: string): CallOutcome {
    const { caller, tool, sessionId, trace, face } = call;
    const seen = { caller, tool, sessionId, trace, face, params: {} };
    const under = this.#open({
      ...seen,
      callbackUrl: '',
      model: undefined,
      whenAsked: 'wait',
      signal: new AbortController().signal,
    });
    const verdict: Verdict = { code: 400, policy: 'error', rule: '', error };
    this.#close(under, verdict);
    return this.#outcome(under, verdict);
  }

  #open(call: ToolCall): Case {
    return {
      call,
      traceId: call.trace?.traceId ?? this.#newHexId(16),
      spanId: this.#newHexId(8),
      parentSpanId: call.trace?.spanId ?? '',
      startNs: nowNs(this.#options.clock),
      startedAt: performance.now(),
      waitedMs: 0,
      approval: undefined,
    };
  }

  /** Registry state, rate limits, policy, grant, approval, forward: in this order, for every call. */
  async #judge(under: Case): Promise<Verdict | 'waiting'> {
    const { call } = under;
    const { caller, tool: name, params } = call;
    const tool = this.#options.catalog.get(name);
    if (tool === undefined) {
      const error = `there is no tool ${name}; GET /tools lists them`;
      return { code: 404, policy: 'error', rule: 'unknown_tool', error };
    }
    const agentFacts = this.#options.agents.factsOf(caller.project, caller.agent);
    const gate = this.#options.gate(caller.agent, agentFacts, tool);
    if (gate.action === 'deny') {
      return { code: 403, policy: 'deny', rule: gate.rule, error: gate.reason };
    }
    const text = canonicalJson(params);
    const policies = this.#options.policies();
    const limit = policies.rateLimitOf(caller.agent);
    const refusal = this.#options.limiter.admit({
      agent: caller.agent,
      project: caller.project,
      sameness: `${name}\0${text.length > 256 ? sha256(text) : text}`,
      limit,
    });
    if (refusal !== undefined) {
      const rule = limit === undefined ? 'rate_limit' : `${limit.policy}/rate_limit`;
      return { code: 429, policy: 'rate_limited', rule, error: refusal };
    }
    const facts = this.#factsOf(call, agentFacts);
    const decision = this.#decide(facts, gate, tool);
    if (decision.action === 'deny') {
      return { code: 403, policy: 'deny', rule: decision.rule, error: decision.reason };
    }
    if (decision.action === 'allow') {
      return this.#forward(under, tool, { policy: 'allow', rule: decision.rule });
    }
    const grant = await this.#options.grants.use(caller.project, caller.agent, name);
    if (grant !== undefined) {
      return this.#forward(under, tool, { policy: 'allow', rule: `grant:${grant.id}` });
    }
    // Nobody can answer for what is too long to be read, searched and kept.
    if (text.length > APPROVED_CHARACTERS_MAX) {
      const error = `its arguments are ${text.length} characters, and what somebody must approve may be ${APPROVED_CHARACTERS_MAX}; pass a reference to the content, or allow the call by a rule or a grant`;
      return { code: 400, policy: 'error', rule: decision.rule, error };
    }
    const { project, agent } = caller;
    const argumentsDigest = sha256(text);
    const policyVersion = policies.version;
    return this.#askSomebody(under, tool, {
      facts,
      rule: decision.rule,
      binding: { project, agent, tool: name, argumentsDigest, policyVersion },
    });
  }

  #decide(facts: CallFacts, gate: GateAnswer, tool: CatalogTool | undefined): Decision {
    const { rule, reason } = gate;
    if (gate.action === 'deny') return { action: 'deny', policy: null, rule, reason };
    if (tool !== undefined && this.#options.isHeld(tool.upstream.name, tool.tool.name)) {
      const held = `the definition of ${tool.name} has changed and is held until somebody accepts it`;
      return { action: 'deny', policy: null, rule: 'tools/changed', reason: held };
    }
    const decision = this.#options.policies().decide(facts);
    const byDefault = tool?.upstream.defaultAction;
    const settled =
      tool === undefined || byDefault === undefined
        ? decision
        : withDefaultAction(decision, {
            tool: facts.tool,
            server: tool.upstream.name,
            action: byDefault,
          });
    if (gate.action === 'human_approval' && settled.action === 'allow') {
      return { action: 'human_approval', policy: settled.policy, rule, reason };
    }
    return settled;
  }

  #factsOf(
    call: Pick<ToolCall, 'caller' | 'tool' | 'params' | 'model'>,
    { status, risk, budget, spentUsd }: AgentFacts,
  ): CallFacts {
    const { model } = call.params;
    return {
      agent: call.caller.agent,
      tool: call.tool,
      params: call.params,
      status,
      risk,
      budget,
      model: typeof model === 'string' ? model : call.model,
      spentUsd: (per) => spentUsd[per],
      hasInjectionRisk: () => hasInjectionRisk(call.params),
      nowMs: this.#options.clock.now(),
    };
  }

  async #askSomebody(
    under: Case,
    tool: CatalogTool,
    about: { readonly facts: CallFacts; readonly rule: string; readonly binding: ApprovalBinding },
  ): Promise<Verdict | 'waiting'> {
    const { call } = under;
    const key = canonicalJson(about.binding);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return this.#takeKept(under, key, kept);
    const usable = await this.#options.desk.findUsable(about.binding);
    under.approval = usable ?? (await this.#ask(under, about));
    if (under.approval.status === 'pending') {
      const { id, expiresAtMs } = under.approval;
      if (call.whenAsked === 'at-once') {
        this.#kept.set(key, this.#finishLater(under, tool, about));
        return 'waiting';
      }
      call.onWaiting?.({ id, expiresAtMs });
      await this.#wait(under, call.signal);
    }
    return this.#resume(under, tool, about);
  }

  async #ask(
    under: Case,
    about: { readonly facts: CallFacts; readonly rule: string; readonly binding: ApprovalBinding },
  ): Promise<Approval> {
    const { call } = under;
    const approval = await this.#options.desk.ask({
      ...about.binding,
      policyRule: about.rule,
      paramsJson: JSON.stringify(redactJson(call.params)),
      injectionRisk: about.facts.hasInjectionRisk(),
      sessionId: call.sessionId,
      traceId: under.traceId,
      spanId: under.spanId,
      parentSpanId: under.parentSpanId,
      face: call.face,
      callbackUrl: call.callbackUrl,
    });
    const auto = await this.#options.supervisor?.(approval, about.facts);
    if (auto === undefined) return approval;
    const { project, id } = approval;
    const decision = { ...auto, actor: SYSTEM_ACTOR, resolvedBy: 'supervisor' };
    return this.#options.desk
      .decide(project, id, decision)
      .catch(() => this.#options.desk.get(project, id));
  }

  async #wait(under: Case, signal: AbortSignal): Promise<void> {
    const since = performance.now();
    try {
      under.approval = await this.#options.desk.wait(under.approval!, signal);
    } finally {
      under.waitedMs += performance.now() - since;
    }
  }

  /** Everything that was true when the call came must be true still. */
  async #resume(
    under: Case,
    tool: CatalogTool,
    { rule, binding }: { readonly rule: string; readonly binding: ApprovalBinding },
  ): Promise<Verdict> {
    const approval = under.approval!;
    const asked = { policy: 'human_approval', rule } as const;
    if (approval.status === 'denied') {
      const why = approval.reasoning === null ? '' : `: ${approval.reasoning}`;
      return { ...asked, code: 403, error: `approval denied by ${approval.resolvedBy}${why}` };
    }
    if (approval.status !== 'approved') {
      return { ...asked, code: 408, error: 'nobody decided in time, which denies the call' };
    }
    const { agent, project } = binding;
    const gate = this.#options.gate(agent, this.#options.agents.factsOf(project, agent), tool);
    if (gate.action === 'deny') return { ...asked, code: 403, error: gate.reason };
    if (this.#options.policies().version !== binding.policyVersion) {
      const error = 'the policies have changed since the approval was asked for; call again';
      return { ...asked, code: 409, error };
    }
    if (!(await this.#options.desk.claim(approval))) {
      const error = `approval ${approval.id} has expired or was used by an equal call; call again`;
      return { ...asked, code: 409, error };
    }
    const verdict = await this.#forward(under, tool, asked);
    await this.#options.desk.finish(approval, verdict.code !== 200);
    return verdict;
  }

  /** Waits, runs and records a call whose caller was answered at once. */
  #finishLater(
    under: Case,
    tool: CatalogTool,
    about: { readonly rule: string; readonly binding: ApprovalBinding },
  ): Promise<CallOutcome> {
    const detached = new AbortController().signal;
    const own: Case = { ...under, call: { ...under.call, signal: detached } };
    return this.#wait(own, detached)
      .then(() => this.#resume(own, tool, about))
      .catch((error: unknown) => verdictOf(error, detached))
      .then((verdict) => {
        this.#close(own, verdict);
        return this.#outcome(own, verdict);
      });
  }

  /** The caller asks again for a call that was answered at once: its result, once. */
  async #takeKept(
    under: Case,
    key: string,
    kept: Promise<CallOutcome>,
  ): Promise<Verdict | 'waiting'> {
    const atOnce = under.call.whenAsked === 'at-once';
    const present = await (atOnce ? Promise.race([kept, Promise.resolve(undefined)]) : kept);
    if (present === undefined) return 'waiting';
    this.#kept.delete(key);
    const { code, policy, rule, error, result } = present;
    return { code, policy, rule: `${rule} (answered before)`, error, result };
  }

  async #forward(
    under: Case,
    { upstream, tool, name }: CatalogTool,
    allowed: { readonly policy: CallPolicy; readonly rule: string },
  ): Promise<Verdict> {
    const { call } = under;
    const trace: TraceContext = {
      traceId: under.traceId,
      spanId: under.spanId,
      sampled: call.trace?.sampled ?? true,
    };
    const { signal, onProgress } = call;
    const own = upstream.prefix === '' ? tool.name : name.slice(upstream.prefix.length);
    try {
      const agent = callerKey(call.caller);
      const result = await upstream.call(own, call.params, { agent, trace, signal, onProgress });
      if (isDeeperThan(result.value, RESULT_LEVELS_MAX)) {
        const error = `the answer of ${name} is nested more than ${RESULT_LEVELS_MAX} deep`;
        return { ...allowed, code: 502, error };
      }
      // An answer that says that it failed is an answer: the caller gets it.
      const error = result.failed ? `the tool reports a failure (${result.statusCode})` : undefined;
      return { ...allowed, code: result.statusCode >= 500 ? 502 : 200, result, error };
    } catch (error) {
      const { code, error: message } = verdictOf(error, signal);
      return { ...allowed, code, error: message };
    }
  }

  #close(under: Case, verdict: Verdict): void {
    const { call } = under;
    this.#options.record({
      traceId: under.traceId,
      spanId: under.spanId,
      parentSpanId: under.parentSpanId,
      sessionId: call.sessionId,
      agent: call.caller.agent,
      project: call.caller.project,
      face: call.face,
      tool: call.tool,
      params: call.params,
      policy: verdict.policy,
      rule: verdict.rule,
      code: verdict.result?.statusCode ?? verdict.code,
      startNs: under.startNs,
      endNs: under.startNs + BigInt(Math.round((performance.now() - under.startedAt) * 1e6)),
      latencyMs: latencyOf(under),
      error: verdict.error,
      result: verdict.result,
      approval: under.approval,
    });
  }

  #outcome(under: Case, { code, policy, rule, error, result }: Verdict): CallOutcome {
    return {
      code,
      policy,
      rule,
      traceId: under.traceId,
      spanId: under.spanId,
      latencyMs: latencyOf(under),
      approvalId: under.approval?.id,
      result,
      // What the tool itself reports stands in its result.
      error: result?.failed === true && code === 200 ? undefined : error,
    };
  }

  #waitingOutcome(under: Case): CallOutcome {
    const { approval } = under;
    const about = approval === undefined ? '' : ` (id: ${approval.id})`;
    const error = `Approval required${about}: call again with the same arguments once it is decided`;
    return {
      ...this.#outcome(under, { code: 202, policy: 'human_approval', rule: '' }),
      rule: approval?.policyRule ?? '',
      error,
    };
  }
}

const latencyOf = ({ startedAt, waitedMs }: Case): number =>
  Math.max(0, Math.round(performance.now() - startedAt - waitedMs));

const nowNs = (clock: Clock): bigint => BigInt(Math.round(clock.now())) * 1_000_000n;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function verdictOf(error: unknown, signal: AbortSignal): Verdict {
  const common = { policy: 'error', rule: '' } as const;
  if (signal.aborted) return { ...common, code: 499, error: 'the caller has gone' };
  if (error instanceof AppError) {
    const code = error.code === 'VALIDATION_ERROR' ? 400 : error.code === 'OVERLOADED' ? 429 : 502;
    return { ...common, code, error: error.message };
  }
  return { ...common, code: 502, error: messageOf(error) };
}

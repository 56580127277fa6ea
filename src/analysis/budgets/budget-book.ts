import type { Clock } from '../../base/clock.ts';
import { randomId, type NewId } from '../../base/random-id.ts';
import { AppError } from '../../errors.ts';
import { dayOf, monthBounds, monthOf, type Budget } from '../../model/budget.ts';
import { formatDollars } from '../../model/money.ts';
import type { AgentActivityStore } from '../../storage/agent-activity-store.ts';
import type { AgentStore } from '../../storage/agent-store.ts';
import type { Actor, AuditEntry } from '../../storage/audit-log.ts';
import type { BudgetStore } from '../../storage/budget-store.ts';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import { reachedThreshold, stateOf, thresholdAlert, type BudgetState } from './budget-state.ts';
import { SpendLedger } from './spend-ledger.ts';

export type BudgetEdit = Pick<
  Budget,
  'scope' | 'subject' | 'month' | 'amount' | 'thresholds' | 'enforced'
>;

/** Budgets and what is spent of them. All spend of an agent counts, whatever the state of its review. */
export interface BudgetBook {
  /** The budgets that hold for an agent now: its own, its team's, its project's. From memory, in constant time. */
  budgetState(of: { readonly project: string; readonly agent: string }): readonly BudgetState[];

  /** Each budget of the project that holds in the month, the present one when none is named. */
  list(project: string, month?: string): Promise<readonly BudgetState[]>;
  /** Throws `NOT_FOUND`. For the budget's month, or the present one. */
  get(project: string, id: string): Promise<BudgetState>;
  /** Throws `CONFLICT` when there is one for the same subject and month. */
  create(project: string, edit: BudgetEdit, actor: Actor): Promise<BudgetState>;
  replace(project: string, id: string, edit: BudgetEdit, actor: Actor): Promise<BudgetState>;
  /** Creates it, or changes the amount of the one that is there. */
  put(project: string, edit: BudgetEdit, actor: Actor): Promise<BudgetState>;
  remove(project: string, id: string, actor: Actor): Promise<void>;

  /** Asks what was spent since, and raises alerts. `whole`: of the whole month, not of its last two days alone. */
  refresh(whole?: boolean): Promise<void>;
}

export interface BudgetBookOptions {
  readonly budgets: BudgetStore;
  readonly agents: Pick<AgentStore, 'listTeams'>;
  readonly activity: Pick<AgentActivityStore, 'sumSpend'>;
  readonly alertDesk: Pick<AlertDesk, 'raise'>;
  readonly clock: Clock;
  readonly newId?: NewId;
}

const DAY_MS = 86_400_000;
const BUDGETS_MAX = 10_000;

export function createBudgetBook(options: BudgetBookOptions): BudgetBook {
  return new Book(options);
}

class Book implements BudgetBook {
  readonly #options: BudgetBookOptions;
  readonly #ledger = new SpendLedger();
  /** Of the present month, by project, scope and subject. */
  #states = new Map<string, BudgetState>();
  /** Project and agent → team. */
  #teams = new Map<string, string>();
  /** Keys of alerts that are known to be raised, so that the store is asked once. */
  readonly #raised = new Set<string>();
  #month = '';
  #refreshing: Promise<void> | undefined;

  constructor(options: BudgetBookOptions) {
    this.#options = options;
  }

  budgetState({ project, agent }: { project: string; agent: string }): readonly BudgetState[] {
    const team = this.#teams.get(keyOf(project, agent));
    const keys = [
      stateKey(project, 'agent', agent),
      ...(team === undefined ? [] : [stateKey(project, 'team', team)]),
      stateKey(project, 'project', ''),
    ];
    return keys.flatMap((key) => this.#states.get(key) ?? []);
  }

  async list(project: string, month = monthOf(this.#options.clock.now())) {
    const budgets = effective(await this.#options.budgets.list(project), month);
    return this.#statesOf(budgets, month);
  }

  async get(project: string, id: string): Promise<BudgetState> {
    return this.#stateOf(await this.#require(project, id));
  }

  async create(project: string, edit: BudgetEdit, actor: Actor): Promise<BudgetState> {
    const { budgets, clock, newId = randomId } = this.#options;
    if ((await budgets.list(project)).length >= BUDGETS_MAX) {
      throw new AppError('VALIDATION_ERROR', `a project has at most ${BUDGETS_MAX} budgets`);
    }
    const nowMs = clock.now();
    const budget = { ...edit, id: newId('bud'), project, createdAtMs: nowMs, updatedAtMs: nowMs };
    const entry = entryOf('budget.created', budget, { actor, from: undefined });
    if (!(await budgets.create(budget, entry))) throw taken(edit);
    return this.#afterChange(budget);
  }

  async replace(project: string, id: string, edit: BudgetEdit, actor: Actor): Promise<BudgetState> {
    const before = await this.#require(project, id);
    const budget = { ...before, ...edit, updatedAtMs: this.#options.clock.now() };
    const entry = entryOf('budget.changed', budget, { actor, from: before });
    if (!(await this.#options.budgets.replace(budget, entry))) throw taken(edit);
    return this.#afterChange(budget);
  }

  async put(project: string, edit: BudgetEdit, actor: Actor): Promise<BudgetState> {
    const { budgets } = this.#options;
    const known = (await budgets.list(project)).find(
      ({ scope, subject, month }) =>
        scope === edit.scope && subject === edit.subject && month === edit.month,
    );
    if (known === undefined) return this.create(project, edit, actor);
    const { thresholds, enforced } = known;
    return this.replace(project, known.id, { ...edit, thresholds, enforced }, actor);
  }

  async remove(project: string, id: string, actor: Actor): Promise<void> {
    const budget = await this.#require(project, id);
    const changed = { ...budget, updatedAtMs: this.#options.clock.now() };
    const entry = entryOf('budget.removed', changed, { actor, from: budget });
    await this.#options.budgets.remove(project, id, entry);
    await this.#judge();
  }

  /** One at a time; who comes meanwhile waits for the next. */
  async refresh(whole = false): Promise<void> {
    while (this.#refreshing !== undefined) await this.#refreshing.catch(() => undefined);
    this.#refreshing = this.#refresh(whole).finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async #refresh(whole: boolean): Promise<void> {
    const { activity, agents, clock } = this.#options;
    const nowMs = clock.now();
    const month = monthOf(nowMs);
    const { fromMs, toMs } = monthBounds(month);
    const all = whole || month !== this.#month;
    const recent = nowMs - (nowMs % DAY_MS) - DAY_MS;
    const sinceMs = all ? fromMs : Math.max(fromMs, recent);
    const rows = await activity.sumSpend({ fromMs: sinceMs, toMs });
    this.#ledger.replace(rows, { firstDay: dayOf(fromMs), fromDay: dayOf(sinceMs) });
    this.#month = month;
    this.#teams = new Map(
      (await agents.listTeams()).map(({ project, name, team }) => [keyOf(project, name), team]),
    );
    await this.#judge();
  }

  /** Reckons the states of the present month anew and raises what they reach. */
  async #judge(): Promise<void> {
    const { alertDesk, budgets, clock } = this.#options;
    if (this.#month !== monthOf(clock.now())) return;
    const present = effective(await budgets.list(), this.#month);
    const states = present.map((budget) => this.#stateNow(budget));
    this.#states = new Map(
      states.map((state) => {
        const { project, scope, subject } = state.budget;
        return [stateKey(project, scope, subject), state];
      }),
    );
    const reached = new Set<string>();
    for (const state of states) {
      const threshold = reachedThreshold(state);
      if (threshold === undefined) continue;
      const alert = thresholdAlert(state, threshold);
      reached.add(alert.key);
      if (!this.#raised.has(alert.key)) await alertDesk.raise(alert);
      this.#raised.add(alert.key);
    }
    for (const key of this.#raised) if (!reached.has(key)) this.#raised.delete(key);
  }

  #stateNow(budget: Budget): BudgetState {
    return stateOf(budget, this.#spendOf(budget, this.#ledger), {
      month: this.#month,
      nowMs: this.#options.clock.now(),
      isPresent: true,
    });
  }

  #spendOf({ project, scope, subject }: Budget, ledger: SpendLedger) {
    if (scope === 'agent') return ledger.ofAgent(project, subject);
    if (scope === 'project') return ledger.ofAgents(project, () => true);
    return ledger.ofAgents(project, (agent) => this.#teams.get(keyOf(project, agent)) === subject);
  }

  async #stateOf(budget: Budget): Promise<BudgetState> {
    const month = budget.month || monthOf(this.#options.clock.now());
    return (await this.#statesOf([budget], month))[0]!;
  }

  /** Months other than the present one are asked when somebody wants to know. */
  async #statesOf(budgets: readonly Budget[], month: string): Promise<readonly BudgetState[]> {
    if (month === this.#month) return budgets.map((budget) => this.#stateNow(budget));
    const { activity, clock } = this.#options;
    const { fromMs, toMs } = monthBounds(month);
    const ledger = new SpendLedger();
    const rows = budgets.length === 0 ? [] : await activity.sumSpend({ fromMs, toMs });
    ledger.replace(rows, { firstDay: dayOf(fromMs), fromDay: dayOf(fromMs) });
    const nowMs = clock.now();
    const isPresent = month === monthOf(nowMs);
    return budgets.map((budget) =>
      stateOf(budget, this.#spendOf(budget, ledger), { month, nowMs, isPresent }),
    );
  }

  async #afterChange(budget: Budget): Promise<BudgetState> {
    await this.#judge();
    return this.#stateOf(budget);
  }

  async #require(project: string, id: string): Promise<Budget> {
    const budget = await this.#options.budgets.get(project, id);
    if (budget === undefined) throw new AppError('NOT_FOUND', `there is no budget ${id}`);
    return budget;
  }
}

/** A budget of the month itself stands in place of one for every month. */
function effective(budgets: readonly Budget[], month: string): readonly Budget[] {
  const own = new Set(
    budgets
      .filter((budget) => budget.month === month)
      .map(({ project, scope, subject }) => stateKey(project, scope, subject)),
  );
  return budgets.filter(
    (budget) =>
      budget.month === month ||
      (budget.month === '' && !own.has(stateKey(budget.project, budget.scope, budget.subject))),
  );
}

const keyOf = (project: string, agent: string): string => `${project}\0${agent}`;
const stateKey = (project: string, scope: string, subject: string): string =>
  `${project}\0${scope}\0${subject}`;

function taken({ scope, subject, month }: BudgetEdit): AppError {
  const whose = scope === 'project' ? 'the project' : `the ${scope} "${subject}"`;
  return new AppError(
    'CONFLICT',
    `there is a budget of ${whose} for ${month === '' ? 'every month' : month} already; change that one`,
  );
}

function entryOf(
  action: string,
  budget: Budget,
  { actor, from }: { actor: Actor; from: Budget | undefined },
): AuditEntry {
  const told = ({ amount, thresholds, enforced }: Budget) => ({
    amount_usd: formatDollars(amount),
    thresholds: [...thresholds],
    enforced,
  });
  const { scope, subject, month } = budget;
  return {
    project: budget.project,
    atMs: budget.updatedAtMs,
    actor,
    action,
    target: { kind: 'budget', id: budget.id },
    reason: null,
    detail: {
      scope,
      subject,
      month,
      from: from === undefined ? null : told(from),
      to: told(budget),
    },
  };
}

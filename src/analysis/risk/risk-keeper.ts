import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../errors.ts';
import type { Severity } from '../../model/alert.ts';
import {
  DEFAULT_RISK_RULES,
  factsSeen,
  RISK_FACTS,
  RISK_LEVELS,
  scoreRisk,
  SETTABLE_FACTS,
  levelOf,
  type KnownFact,
  type RiskLevel,
  type RiskRule,
  type RiskScore,
} from '../../model/risk.ts';
import type { Agent, AgentStore } from '../../storage/agent-store.ts';
import type { AnomalyStore } from '../../storage/anomaly-store.ts';
import type { Actor, JsonValue } from '../../storage/audit-log.ts';
import type { RiskStore } from '../../storage/risk-store.ts';
import type { SettingStore } from '../../storage/setting-store.ts';
import type { AlertDesk } from '../alerts/alert-desk.ts';

export interface RiskAssessment {
  /** Every fact, also those that are false or unknown. */
  readonly facts: readonly KnownFact[];
  readonly score: RiskScore;
}

/** Scores agents by the project's rules, and keeps how the scores came about. */
export interface RiskKeeper {
  rules(project: string): Promise<readonly RiskRule[]>;
  /** Replaces the table and scores the project's agents by it. Throws `VALIDATION_ERROR` when an id comes twice. */
  setRules(project: string, rules: readonly RiskRule[], actor: Actor): Promise<readonly RiskRule[]>;
  /** As of now, without writing it down. */
  assess(agent: Agent): Promise<RiskAssessment>;
  /** Scores the agent and writes the score down; an agent that is not there is passed over. */
  refresh(project: string, agentId: string): Promise<void>;
}

interface RiskKeeperOptions {
  readonly agents: Pick<AgentStore, 'get' | 'find'>;
  readonly anomalies: Pick<AnomalyStore, 'listNewest'>;
  readonly risk: RiskStore;
  readonly settings: SettingStore;
  readonly alertDesk: Pick<AlertDesk, 'raise'>;
  /** Whether personal data was found in what the agent said; null when nothing looked for it. */
  readonly sawPersonalData?: (project: string, agent: string) => Promise<boolean | null>;
  readonly clock: Clock;
}

const SETTING = 'risk_rules';
const PAGE = 200;

export function createRiskKeeper(options: RiskKeeperOptions): RiskKeeper {
  const { agents, settings, clock } = options;
  const rules: RiskKeeper['rules'] = async (project) =>
    parseRules(await settings.get(project, SETTING)) ?? DEFAULT_RISK_RULES;
  const assess: RiskKeeper['assess'] = async (agent) => {
    const facts = await factsOf(options, agent);
    return { facts, score: scoreRisk(facts, await rules(agent.project)) };
  };
  const record = async (agent: Agent): Promise<void> => {
    const { score } = await assess(agent);
    const change = await options.risk.record(agent.id, score, clock.now());
    if (change?.changed === true)
      await tellOfRise(options, agent, { before: change.before, score });
  };
  return {
    rules,
    assess,

    async setRules(project, wanted, actor) {
      const ids = wanted.map(({ id }) => id);
      const twice = ids.find((id, index) => ids.indexOf(id) !== index);
      if (twice !== undefined) {
        throw new AppError('VALIDATION_ERROR', `the rule ${twice} is there twice`);
      }
      const toJson = (table: readonly RiskRule[]): JsonValue => table.map((rule) => ({ ...rule }));
      await settings.put(project, SETTING, toJson(wanted), {
        project,
        atMs: clock.now(),
        actor,
        action: 'setting.changed',
        target: { kind: 'setting', id: SETTING },
        reason: null,
        detail: { from: toJson(await rules(project)), to: toJson(wanted) },
      });
      for (let offset = 0; ; offset += PAGE) {
        const page = { sort: 'name', direction: 'asc', offset, limit: PAGE } as const;
        const found = await agents.find(project, {}, page);
        for (const agent of found.agents) await record(agent);
        if (found.agents.length < PAGE) return wanted;
      }
    },

    async refresh(project, agentId) {
      const agent = await agents.get(project, agentId);
      if (agent !== undefined) await record(agent);
    },
  };
}

/** What people say outweighs what telemetry tells. */
async function factsOf(
  { anomalies, sawPersonalData }: RiskKeeperOptions,
  agent: Agent,
): Promise<readonly KnownFact[]> {
  const { facets } = agent;
  const seen = factsSeen({ tools: facets.tool, providers: facets.provider });
  const personal = (await sawPersonalData?.(agent.project, agent.name)) ?? null;
  const told: KnownFact[] = [
    ...seen,
    ...(personal === null
      ? []
      : [
          {
            fact: 'contains_pii',
            value: personal,
            source: 'telemetry',
            because: personal
              ? 'personal data was found in its output'
              : 'none was found in its output',
          } as const,
        ]),
  ];
  const active = (await anomalies.listNewest(agent.id)).filter(
    ({ status }) => status !== 'resolved',
  );
  const registry = (fact: KnownFact['fact'], value: boolean, because: string): KnownFact => ({
    fact,
    value,
    source: 'registry',
    because,
  });
  const known: KnownFact[] = [
    registry('no_owner', agent.owner === null, agent.owner ?? 'nobody owns it'),
    registry('no_description', agent.description === null, 'what it is for'),
    registry('not_approved', agent.status !== 'APPROVED', `its status is ${agent.status}`),
    registry(
      'active_anomalies',
      active.length > 0,
      active.map(({ kind }) => kind).join(', ') || 'no anomaly is unresolved',
    ),
  ];
  return RISK_FACTS.map((fact) => {
    const said = SETTABLE_FACTS.find((one) => one === fact);
    const value = said === undefined ? undefined : agent.facts[said];
    if (value !== undefined) return { fact, value, source: 'person', because: 'a person said so' };
    const found = [...told, ...known].find((one) => one.fact === fact);
    return (
      found ?? { fact, value: null, source: 'nobody', because: 'nobody said, and nothing tells' }
    );
  });
}

const SEVERITY: Readonly<Record<RiskLevel, Severity>> = {
  LOW: 'low',
  MEDIUM: 'medium',
  HIGH: 'high',
  CRITICAL: 'critical',
};

/** Of an agent that becomes high or critical; what falls, or stays below, is no news. */
async function tellOfRise(
  { alertDesk, clock }: RiskKeeperOptions,
  agent: Agent,
  { before, score }: { before: number; score: RiskScore },
): Promise<void> {
  const isRise = RISK_LEVELS.indexOf(score.level) > RISK_LEVELS.indexOf(levelOf(before));
  if (!isRise || RISK_LEVELS.indexOf(score.level) < RISK_LEVELS.indexOf('HIGH')) return;
  await alertDesk.raise({
    project: agent.project,
    key: `risk:${agent.id}:${score.level}:${clock.now()}`,
    kind: 'risk',
    severity: SEVERITY[score.level],
    subject: { kind: 'agent', id: agent.id, name: agent.name },
    title: `The risk of ${agent.name} is ${score.level.toLowerCase()} now`,
    text: `Its score rose from ${before} to ${score.score}: ${score.reasons.map(({ fact, points }) => `${fact} ${points}`).join(', ')}.`,
    detail: { score: score.score, before },
  });
}

function parseRules(value: JsonValue | undefined): readonly RiskRule[] | undefined {
  return Array.isArray(value) ? (value as readonly RiskRule[]) : undefined;
}

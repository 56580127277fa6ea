/** How much harm an agent could do, as a sum of rules that anyone can follow. */

export const RISK_LEVELS = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];

/** What people may say of an agent; what they do not say follows from its telemetry where it can. */
export const SETTABLE_FACTS = [
  'writes_to_systems',
  'contains_pii',
  'external_llm_calls',
  'executes_code',
  'high_confidence',
  'hitl_required',
] as const;
export type SettableFact = (typeof SETTABLE_FACTS)[number];

/** What the registry and the analysis know by themselves. */
export const KNOWN_FACTS = [
  'no_owner',
  'no_description',
  'not_approved',
  'active_anomalies',
] as const;

export const RISK_FACTS = [...SETTABLE_FACTS, ...KNOWN_FACTS] as const;
export type RiskFact = (typeof RISK_FACTS)[number];

export type AgentFacts = Readonly<Partial<Record<SettableFact, boolean>>>;

/** A fact with where it is from and why; `value` is null while nobody and nothing tells. */
export interface KnownFact {
  readonly fact: RiskFact;
  readonly value: boolean | null;
  readonly source: 'person' | 'telemetry' | 'registry' | 'nobody';
  readonly because: string;
}

export interface RiskRule {
  /** E.g. `R01`; one of its kind in a table. */
  readonly id: string;
  readonly fact: RiskFact;
  /** Added when the fact is true; −100 to 100. */
  readonly points: number;
  readonly enabled: boolean;
}

export interface RiskReason {
  readonly rule: string;
  readonly fact: RiskFact;
  readonly points: number;
  readonly source: KnownFact['source'];
  readonly because: string;
}

export interface RiskScore {
  /** 0 to 100. */
  readonly score: number;
  readonly level: RiskLevel;
  /** The rules that apply; their points add up to the score unless the sum is beyond its ends. */
  readonly reasons: readonly RiskReason[];
}

/** From which score on each level begins. */
export const RISK_BANDS: Readonly<Record<RiskLevel, number>> = {
  LOW: 0,
  MEDIUM: 25,
  HIGH: 50,
  CRITICAL: 70,
};

export const DEFAULT_RISK_RULES: readonly RiskRule[] = [
  { id: 'R01', fact: 'writes_to_systems', points: 20, enabled: true },
  { id: 'R02', fact: 'contains_pii', points: 15, enabled: true },
  { id: 'R03', fact: 'external_llm_calls', points: 15, enabled: true },
  { id: 'R05', fact: 'no_owner', points: 10, enabled: true },
  { id: 'R07', fact: 'executes_code', points: 12, enabled: true },
  { id: 'R14', fact: 'high_confidence', points: -5, enabled: true },
  // For those who want them; off, so that scores are comparable with the six above.
  { id: 'S01', fact: 'not_approved', points: 15, enabled: false },
  { id: 'S02', fact: 'active_anomalies', points: 10, enabled: false },
  { id: 'S03', fact: 'no_description', points: 5, enabled: false },
  { id: 'S04', fact: 'hitl_required', points: -10, enabled: false },
];

export function scoreRisk(facts: readonly KnownFact[], rules: readonly RiskRule[]): RiskScore {
  const known = new Map(facts.map((fact) => [fact.fact, fact]));
  const reasons = rules.flatMap((rule): RiskReason[] => {
    const fact = known.get(rule.fact);
    if (!rule.enabled || fact?.value !== true) return [];
    const { source, because } = fact;
    return [{ rule: rule.id, fact: rule.fact, points: rule.points, source, because }];
  });
  const sum = reasons.reduce((total, reason) => total + reason.points, 0);
  const score = Math.min(Math.max(sum, 0), 100);
  return { score, level: levelOf(score), reasons };
}

export function levelOf(score: number): RiskLevel {
  return RISK_LEVELS.findLast((level) => score >= RISK_BANDS[level]) ?? 'LOW';
}

/** What an agent was seen with, of which facts follow. */
export interface SeenWith {
  readonly tools: readonly string[];
  readonly providers: readonly string[];
}

const WRITING = new Set(
  `add append apply approve archive assign book cancel charge clear close commit copy create delete deploy disable
  drop edit email enable grant insert install invite issue kill merge modify move notify open order patch pay
  post publish purge push put refund reject remove rename replace reply reset restart revoke rollback save schedule
  send set settle stop store submit terminate transfer trigger uninstall update upgrade upload write`.split(
    /\s+/,
  ),
);
const EXECUTING = new Set(
  `bash cmd computer eval exec interpreter jupyter notebook powershell python repl sandbox shell terminal`.split(
    /\s+/,
  ),
);
const RUNNING_CODE = /\b(?:run|execute) (?:\w+ )?(?:code|command|commands|script|sql|query)\b/;
/** Models that run on machines of one's own. */
const LOCAL_PROVIDERS = new Set(['ollama', 'vllm', 'llama_cpp', 'llamafile', 'lm_studio', 'local']);

/** What its telemetry tells of an agent. Names of tools are read word by word: `createRefund`, `fs.write_file`. */
export function factsSeen({ tools, providers }: SeenWith): readonly KnownFact[] {
  const read = tools.map((tool) => ({ tool, words: wordsOf(tool) }));
  const writing = read.filter(({ words }) => words.some((word) => WRITING.has(word)));
  const executing = read.filter(
    ({ words }) => words.some((word) => EXECUTING.has(word)) || RUNNING_CODE.test(words.join(' ')),
  );
  const external = providers.filter((provider) => !LOCAL_PROVIDERS.has(provider));
  const told = (fact: RiskFact, names: readonly string[], found: string, none: string) =>
    names.length > 0 ? seen(fact, true, `${found} ${listOf(names)}`) : seen(fact, false, none);
  const nothing = (fact: RiskFact, because: string): KnownFact => ({
    fact,
    value: null,
    source: 'nobody',
    because,
  });
  const toolNames = (rows: typeof read) => rows.map(({ tool }) => tool);
  return [
    tools.length === 0
      ? nothing('writes_to_systems', 'no call of a tool was seen')
      : told('writes_to_systems', toolNames(writing), 'calls', 'no tool has a name that writes'),
    tools.length === 0
      ? nothing('executes_code', 'no call of a tool was seen')
      : told('executes_code', toolNames(executing), 'calls', 'no tool has a name that runs code'),
    providers.length === 0
      ? nothing('external_llm_calls', 'no provider of a model was seen')
      : told('external_llm_calls', external, 'calls models of', 'its models run locally'),
  ];
}

function seen(fact: RiskFact, value: boolean, because: string): KnownFact {
  return { fact, value, source: 'telemetry', because };
}

function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

const NAMED_MAX = 5;

function listOf(names: readonly string[]): string {
  const named = names.slice(0, NAMED_MAX).join(', ');
  return names.length > NAMED_MAX ? `${named} and ${names.length - NAMED_MAX} more` : named;
}

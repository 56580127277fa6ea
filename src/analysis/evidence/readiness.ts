import type { PackageVerdict } from '../../base/verifier.ts';
import { scoreAudit, type AuditFault } from '../../model/audit-score.ts';

/** What a server knows that a reviewer of its records would ask for. */
export interface ReadinessFacts {
  readonly requiredDays: number;
  /** Since the earliest trace that is still stored, `requiredDays` at most; null when none is. */
  readonly availableDays: number | null;
  /** Of a package that was made of the newest traces and decisions, to see whether it can be. */
  readonly proof: PackageVerdict;
  readonly sampledTraces: number;
  /** Agents that run and that nobody decided about: how many, and some of their names. */
  readonly undecided: { readonly total: number; readonly names: readonly string[] };
  readonly agents: number;
  /** Requests that were acknowledged and could not be stored. */
  readonly deadLetters: number;
  /** Decisions that were looked at, and how many of them bear an earlier time than the one before. */
  readonly decisions: number;
  readonly backwards: number;
  /** Whether calls of tools pass a gate in this server. */
  readonly hasGateway: boolean;
}

export interface ReadinessCheck {
  readonly id: 'integrity' | 'oversight' | 'retention' | 'continuity' | 'gate';
  readonly title: string;
  /** Null: it says something, and nothing is taken off for it. */
  readonly ok: boolean | null;
  readonly finding: string;
  /** Where the finding comes from. */
  readonly restsOn: string;
  /** What to do about it; '' where nothing needs doing. */
  readonly remedy: string;
}

export interface ServerReadiness {
  readonly score: number;
  readonly ready: boolean;
  readonly checks: readonly ReadinessCheck[];
}

/** The checks of `signalbox audit-readiness`, asked of a server's traces and decisions, with its weights. */
export function serverReadiness(facts: ReadinessFacts): ServerReadiness {
  const checks = [
    integrityOf(facts),
    oversightOf(facts),
    retentionOf(facts),
    continuityOf(facts),
    gateOf(facts),
  ];
  const faults = checks.flatMap(({ id, ok }) => (ok === false ? (FAULTS[id] ?? []) : []));
  return { ...scoreAudit(faults, facts.availableDays !== null), checks };
}

const FAULTS: Readonly<Partial<Record<ReadinessCheck['id'], AuditFault>>> = {
  integrity: 'broken',
  oversight: 'missing',
  retention: 'retention',
  continuity: 'gaps',
};

function integrityOf({ proof, sampledTraces }: ReadinessFacts): ReadinessCheck {
  const failure = proof.failures[0];
  return {
    id: 'integrity',
    title: 'What is stored can be proven',
    ok: proof.ok,
    finding: proof.ok
      ? `A package of the newest ${sampledTraces} traces and of the decisions was made and verified: ${proof.checked_events} records, each bound to the one before and signed.`
      : `A package that was made to see did not verify: ${failure?.reason ?? 'nobody can tell why'}.`,
    restsOn: `The verifier that auditors use, and this server's key ${proof.public_key.slice(0, 16)}…`,
    remedy: proof.ok
      ? 'Give the public key to somebody else, so that a package can be told from one of another key.'
      : 'Look at the server’s log, and at evidence-signing-key.pem in its data directory.',
  };
}

function oversightOf({ undecided, agents }: ReadinessFacts): ReadinessCheck {
  const { total, names } = undecided;
  const more = total > names.length ? ` and ${total - names.length} more` : '';
  return {
    id: 'oversight',
    title: 'Somebody answers for each agent',
    ok: total === 0,
    finding:
      total === 0
        ? `All ${agents} agents were decided about.`
        : `${total} of ${agents} agents run and were never decided about: ${names.join(', ')}${more}.`,
    restsOn: 'The registry, and the log of decisions, which nobody can change.',
    remedy: total === 0 ? '' : 'Review them in the discovery queue.',
  };
}

function retentionOf({ availableDays, requiredDays }: ReadinessFacts): ReadinessCheck {
  const ok = availableDays !== null && availableDays >= requiredDays;
  const held = availableDays === 1 ? '1 day' : `${availableDays} days`;
  return {
    id: 'retention',
    title: `Records of ${requiredDays} days`,
    ok,
    finding:
      availableDays === null
        ? 'No trace is stored.'
        : ok
          ? `The earliest trace is ${held} old or more.`
          : `The earliest trace is ${held} old, and ${requiredDays} are wanted.`,
    restsOn:
      'The earliest trace that is stored. Whether there were earlier ones, a server that began later cannot tell.',
    remedy: ok
      ? ''
      : 'Let it run: nothing that is younger is taken away unless a retention is set that is shorter than this. Make packages of each quarter, and keep them elsewhere.',
  };
}

function continuityOf({ deadLetters, decisions, backwards }: ReadinessFacts): ReadinessCheck {
  const faults = [
    deadLetters > 0
      ? `${deadLetters} requests with telemetry were acknowledged and could not be stored`
      : '',
    backwards > 0 ? `the clock went back between ${backwards} of the decisions` : '',
  ].filter((fault) => fault !== '');
  const ok = faults.length === 0;
  return {
    id: 'continuity',
    title: 'Nothing is missing in between',
    ok,
    finding: ok
      ? `Everything that was acknowledged is stored, and ${decisions} decisions follow each other in time.`
      : `It shows that ${faults.join(', and ')}.`,
    restsOn: 'The store of dead letters, and the times and numbers of the newest decisions.',
    remedy: ok
      ? ''
      : 'Retry the dead letters in the settings, and let the machine keep its time by NTP.',
  };
}

function gateOf({ hasGateway }: ReadinessFacts): ReadinessCheck {
  return {
    id: 'gate',
    title: 'Calls of tools pass a gate',
    ok: hasGateway ? true : null,
    finding: hasGateway
      ? 'A gateway runs in this server: what it allows, denies and asks about is recorded.'
      : 'No gateway runs in this server, so that records tell what agents did and not what they were kept from.',
    restsOn: 'How this server was started.',
    remedy: hasGateway ? '' : 'Start it with --gateway gateway.yaml.',
  };
}

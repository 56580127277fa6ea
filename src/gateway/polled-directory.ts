import { readFileSync, renameSync, writeFileSync } from 'node:fs';

import type { Clock } from '../base/clock.ts';
import { messageOf } from '../errors.ts';
import { UNKNOWN_AGENT, type AgentDirectory, type AgentFacts } from './agent-directory.ts';

/** By project and name, parted by NUL. */
export type KnownAgents = ReadonlyMap<string, AgentFacts>;

export const agentKey = (project: string, agent: string): string => `${project}\0${agent}`;

export interface PolledDirectory extends AgentDirectory {
  /** Asks now; a failure leaves what is known. */
  refresh(): Promise<void>;
}

/** After so many intervals without an answer what is known counts as old. */
const STALE_INTERVALS = 3;

/** Asks for all agents at an interval, and answers from memory. */
export async function pollDirectory(options: {
  readonly load: (signal: AbortSignal) => Promise<KnownAgents>;
  readonly intervalMs: number;
  /** Keeps what was known last for the next start. */
  readonly file?: string | undefined;
  readonly clock: Clock;
  readonly onProblem: (message: string) => void;
}): Promise<PolledDirectory> {
  const { load, intervalMs, file, clock } = options;
  const stop = new AbortController();
  let { known, answeredAtMs } = file === undefined ? NOTHING_KNOWN : readKnown(file);
  let failing = false;
  let asking: Promise<void> | undefined;
  const refresh = (): Promise<void> => (asking ??= ask().finally(() => (asking = undefined)));
  const ask = async (): Promise<void> => {
    try {
      known = await load(stop.signal);
      answeredAtMs = clock.now();
      failing = false;
      if (file !== undefined) writeKnown(file, known, answeredAtMs);
    } catch (error) {
      // Once is enough: the state is told by `isStale`.
      if (!failing && !stop.signal.aborted) {
        options.onProblem(`the registry cannot be asked: ${messageOf(error)}`);
      }
      failing = true;
    }
  };
  await refresh();
  const timer = setInterval(() => void refresh(), intervalMs).unref();
  return {
    refresh,
    factsOf: (project, agent) => known.get(agentKey(project, agent)) ?? UNKNOWN_AGENT,
    answeredAtMs: () => answeredAtMs,
    isStale: () => clock.now() - answeredAtMs > intervalMs * STALE_INTERVALS,
    close() {
      clearInterval(timer);
      stop.abort();
    },
  };
}

interface LastAnswer {
  readonly known: KnownAgents;
  readonly answeredAtMs: number;
}

const NOTHING_KNOWN: LastAnswer = { known: new Map(), answeredAtMs: Number.NEGATIVE_INFINITY };

function readKnown(file: string): LastAnswer {
  try {
    const { answered_at_ms: answeredAtMs, agents } = JSON.parse(readFileSync(file, 'utf8')) as {
      answered_at_ms: number;
      agents: [string, AgentFacts][];
    };
    return { known: new Map(agents), answeredAtMs };
  } catch {
    // The first start, or a file that a crash has damaged: the next answer writes it anew.
    return NOTHING_KNOWN;
  }
}

function writeKnown(file: string, known: KnownAgents, answeredAtMs: number): void {
  const text = JSON.stringify({ answered_at_ms: answeredAtMs, agents: [...known] });
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

import { encodeAttributes } from '../../otlp/encode-telemetry.ts';
import type { Attributes } from '../../model/outgoing-telemetry.ts';
import type { Random } from './random.ts';

/** People who code with an agent, and what they make of it. */
const PEOPLE = [
  { email: 'ana@example.com', model: 'claude-opus-4-6', pace: 3 },
  { email: 'ben@example.com', model: 'claude-sonnet-4-5', pace: 2 },
  { email: 'chidi@example.com', model: 'claude-sonnet-4-5', pace: 1 },
] as const;

const MINUTE_MS = 60_000;
/** US dollars for a million tokens, near the list prices. */
const DOLLARS = { input: 4, output: 20, cacheRead: 0.4 } as const;

const RESOURCE: Attributes = {
  'service.name': 'claude-code',
  'service.version': '2.1.30',
  'os.type': 'linux',
  'host.arch': 'arm64',
};
const SCOPE = { name: 'com.anthropic.claude_code', version: '2.1.30' };

interface Amount {
  readonly attributes: Attributes;
  readonly value: number;
}

interface Counter {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly points: object[];
}

/** What the metrics of coding agents come to, minute after minute. */
export interface CodingAgents {
  /**
   * An ExportMetricsServiceRequest for the whole minutes of the time, in the names, units and delta sums of Claude Code
   * (https://docs.claude.com/en/docs/claude-code/monitoring-usage).
   */
  encode(fromMs: number, toMs: number): object;
}

export function createCodingAgents(random: Random): CodingAgents {
  const sessions = PEOPLE.map(() => ({ id: '', minutesLeft: 0, pauseLeft: random.between(0, 20) }));
  return {
    encode(fromMs, toMs) {
      const counters = new Map<string, Counter>();
      for (let startMs = fromMs; startMs + MINUTE_MS <= toMs; startMs += MINUTE_MS) {
        PEOPLE.forEach((person, at) => {
          const session = sessions[at]!;
          const began = session.minutesLeft === 0 && session.pauseLeft === 0;
          if (began) {
            session.id = random.hex(8);
            session.minutesLeft = random.between(20, 90);
          }
          if (session.minutesLeft > 0) {
            session.minutesLeft -= 1;
            session.pauseLeft = random.between(5, 40);
            const who = { 'user.email': person.email, 'session.id': session.id };
            add(counters, { startMs, who }, minuteOf(random, person, began));
          } else session.pauseLeft -= 1;
        });
      }
      return request([...counters.values()]);
    },
  };
}

type Minute = readonly (readonly [
  name: string,
  unit: string,
  description: string,
  amounts: readonly Amount[],
])[];

function minuteOf(random: Random, person: (typeof PEOPLE)[number], began: boolean): Minute {
  const { model, pace } = person;
  const input = random.between(40, 400) * pace;
  const output = random.between(200, 1_600) * pace;
  const cacheRead = random.between(10_000, 60_000) * pace;
  const cost =
    (input * DOLLARS.input + output * DOLLARS.output + cacheRead * DOLLARS.cacheRead) / 1e6;
  const tokens = [
    { attributes: { model, type: 'input' }, value: input },
    { attributes: { model, type: 'output' }, value: output },
    { attributes: { model, type: 'cacheRead' }, value: cacheRead },
  ];
  const lines = [
    { attributes: { type: 'added' }, value: random.between(0, 30) * pace },
    { attributes: { type: 'removed' }, value: random.between(0, 12) * pace },
  ];
  const alone = (value: number): Amount[] => [{ attributes: {}, value }];
  return [
    ['claude_code.token.usage', 'tokens', 'Number of tokens used', tokens],
    [
      'claude_code.cost.usage',
      'USD',
      'Cost of the session',
      [{ attributes: { model }, value: cost }],
    ],
    ['claude_code.lines_of_code.count', 'count', 'Lines of code that were modified', lines],
    [
      'claude_code.active_time.total',
      's',
      'Time that was spent at work',
      alone(random.between(15, 58)),
    ],
    ...(began
      ? ([['claude_code.session.count', 'count', 'Sessions that were started', alone(1)]] as const)
      : []),
    ...(random.chance(0.03)
      ? ([['claude_code.commit.count', 'count', 'Commits that were made', alone(1)]] as const)
      : []),
  ];
}

function add(
  counters: Map<string, Counter>,
  { startMs, who }: { readonly startMs: number; readonly who: Attributes },
  minute: Minute,
): void {
  for (const [name, unit, description, amounts] of minute) {
    const counter = counters.get(name) ?? { name, unit, description, points: [] };
    counters.set(name, counter);
    for (const { attributes, value } of amounts) {
      counter.points.push({
        attributes: encodeAttributes({ ...who, ...attributes }),
        startTimeUnixNano: `${startMs}000000`,
        timeUnixNano: `${startMs + MINUTE_MS}000000`,
        asDouble: value,
      });
    }
  }
}

function request(counters: readonly Counter[]): object {
  const delta = 1;
  const metrics = counters.map(({ name, unit, description, points }) => ({
    name,
    unit,
    description,
    sum: { aggregationTemporality: delta, isMonotonic: true, dataPoints: points },
  }));
  return {
    resourceMetrics: [
      {
        resource: { attributes: encodeAttributes(RESOURCE) },
        scopeMetrics: [{ scope: SCOPE, metrics }],
      },
    ],
  };
}

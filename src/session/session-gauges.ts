import { join } from 'node:path';

import type { Gauge, GaugePoint } from '../model/outgoing-telemetry.ts';
import { readJsonFile } from './read-session.ts';
import type { Session } from './read-session.ts';
import { numberIn, objectsOf, textIn } from './session-event.ts';
import { metricsOf, summarizeSession } from './session-summary.ts';

/** A judgement on a session, as `eval.json` beside it holds them. */
export interface SessionScore {
  readonly name: string;
  readonly score: number;
  readonly threshold: number | undefined;
  readonly passed: boolean | undefined;
}

/** `{results: [{scorer | name, score, threshold, passed}]}`, as agent-strace's evaluations write it; none without the file. */
export function readScores(session: Session): SessionScore[] {
  const file = readJsonFile(join(session.directory, 'eval.json'));
  return objectsOf(file?.['results']).flatMap((result) => {
    const score = result['score'];
    const name = textIn(result, 'scorer') || textIn(result, 'name');
    if (typeof score !== 'number' || !Number.isFinite(score) || name === '') return [];
    const passed = result['passed'];
    return {
      name,
      score,
      threshold: numberIn(result, 'threshold'),
      passed: typeof passed === 'boolean' ? passed : undefined,
    };
  });
}

const GAUGES = [
  ['session.cost_usd', 'cost', 'USD', 'Estimated cost of a session'],
  ['session.error_rate', 'error_rate', '1', 'Failed tool calls / tool calls'],
  ['session.retry_rate', 'retry_rate', '1', 'Consecutive calls of the same tool / tool calls'],
  ['session.blast_radius', 'blast_radius', '{file}', 'Distinct files written'],
  ['session.duration_s', 'duration', 's', 'Wall-clock duration of a session'],
  ['session.tool_calls', 'tool_calls', '{call}', 'Tool calls of a session'],
] as const;

/** Gauges of sessions, a point each at the session's end; what is unknown of a session has no point. */
export function sessionGauges(sessions: readonly Session[], prefix: string): Gauge[] {
  const read = sessions.map((session) => {
    const summary = summarizeSession(session);
    const attributes = { session_id: session.id, agent_name: session.meta.agent_name };
    return { session, timeNs: summary.endNs, metrics: metricsOf(summary), attributes };
  });
  const gauges = GAUGES.map(([name, metric, unit, description]) => ({
    name: `${prefix}.${name}`,
    unit,
    description,
    points: read.flatMap(({ timeNs, metrics, attributes }): GaugePoint[] => {
      const value = metrics[metric];
      return value === undefined ? [] : [{ timeNs, value, attributes }];
    }),
  }));
  const scores = read.flatMap(({ session, timeNs, attributes }) =>
    readScores(session).map(({ name, score }) => ({
      timeNs,
      value: score,
      attributes: { ...attributes, judge: name },
    })),
  );
  const scored = {
    name: `${prefix}.eval.score`,
    unit: '1',
    description: 'Judgement on a session',
    points: scores,
  };
  return [...gauges, scored].filter(({ points }) => points.length > 0);
}

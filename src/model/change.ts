/** Kinds of things that a page may show and that just changed; what exactly is asked for, not told. */
export const CHANGE_TOPICS = [
  'traces',
  'agents',
  'runs',
  'costs',
  'quality',
  'anomalies',
  'approvals',
] as const;

export type ChangeTopic = (typeof CHANGE_TOPICS)[number];

export interface Change {
  readonly project: string;
  readonly topic: ChangeTopic;
}

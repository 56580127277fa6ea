/** An event that tells how a span was evaluated, as it was stored. */
export interface StoredEvaluation {
  readonly project: string;
  /** '' for a log record outside of any trace. */
  readonly traceId: string;
  readonly spanId: string;
  /** When it was received, seconds since 1970 UTC. */
  readonly receivedS: number;
  readonly timeNs: bigint;
  /** Attributes with their values as text. */
  readonly attributes: ReadonlyMap<string, string>;
}

export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** Reads evaluations out of stored telemetry, of every project. */
export interface EvaluationStore {
  /** Evaluations received at or after, earliest first; about `limit` at most. */
  listEvaluations(receivedFromS: number, limit: number): Promise<readonly StoredEvaluation[]>;

  /** The spans that got answers with these ids, received at or after, by the answer's id: the first of each. */
  findSpansOfResponses(
    project: string,
    responseIds: readonly string[],
    receivedFromS: number,
  ): Promise<ReadonlyMap<string, SpanIds>>;
}

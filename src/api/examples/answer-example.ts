/** An answer as it was given once, for routes that answer alike. */
export interface AnswerExample {
  /** As `GET /api/v1/runs/:runId`. */
  readonly routes: readonly string[];
  readonly answer: unknown;
}

/** How much is stored, in rows. */
export interface StoredTelemetry {
  readonly spans: number;
  readonly logRecords: number;
  readonly metricPoints: number;
}

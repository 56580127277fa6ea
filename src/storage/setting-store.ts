import type { AuditEntry, JsonValue } from './audit-log.ts';

/** Settings that users change while Signalbox runs: one JSON value per project and name. */
export interface SettingStore {
  get(project: string, name: string): Promise<JsonValue | undefined>;

  /** The value of every project that has one. */
  listByName(
    name: string,
  ): Promise<readonly { readonly project: string; readonly value: JsonValue }[]>;

  put(project: string, name: string, value: JsonValue, entry: AuditEntry): Promise<void>;
}

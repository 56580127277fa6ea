import type { AlertKind, ChannelTarget, DeliveryState, Severity } from '../model/alert.ts';
import type { AuditEntry, JsonValue } from './audit-log.ts';

export interface AlertChannel {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly enabled: boolean;
  /** The kinds of alerts that it takes; empty for all. */
  readonly kinds: readonly AlertKind[];
  readonly severityMin: Severity;
  readonly target: ChannelTarget;
  /** Milliseconds since 1970 UTC, as all times here. */
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface Alert {
  readonly id: string;
  readonly project: string;
  /** What it is raised for, e.g. a budget's month and threshold: a project has one alert per key. */
  readonly key: string;
  readonly kind: AlertKind;
  readonly severity: Severity;
  /** What it is about, e.g. `agent` and the agent's id. */
  readonly subject: { readonly kind: string; readonly id: string; readonly name: string };
  readonly title: string;
  readonly text: string;
  readonly detail: { readonly [key: string]: JsonValue };
  readonly raisedAtMs: number;
}

export interface AlertDelivery {
  readonly id: string;
  readonly channelId: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When it is tried next; null once it is settled. */
  readonly nextAttemptMs: number | null;
  readonly lastError: string | null;
  readonly settledAtMs: number | null;
}

export interface AlertFilter {
  readonly kind?: AlertKind | undefined;
  readonly severity?: Severity | undefined;
  readonly subjectId?: string | undefined;
}

/** What became of an attempt. */
export type DeliveryChange = Pick<
  AlertDelivery,
  'state' | 'attempts' | 'nextAttemptMs' | 'lastError' | 'settledAtMs'
>;

/** Channels, alerts, and the outbox: deliveries that a crash MUST NOT lose. */
export interface AlertStore {
  listChannels(project: string): Promise<readonly AlertChannel[]>;
  getChannel(project: string, id: string): Promise<AlertChannel | undefined>;
  /** Resolves to false, and writes nothing, when the project has a channel of that name. */
  createChannel(channel: AlertChannel, entry: AuditEntry): Promise<boolean>;
  /** Resolves to false, and writes nothing, when another channel has the name. */
  replaceChannel(channel: AlertChannel, entry: AuditEntry): Promise<boolean>;
  /** Removes its deliveries, too. */
  removeChannel(project: string, id: string, entry: AuditEntry): Promise<boolean>;

  /**
   * Writes the alert and its deliveries, due at once, in one transaction.
   * Resolves to false, and writes nothing, when an alert with its key was raised before.
   */
  raise(
    alert: Alert,
    deliveries: readonly { readonly id: string; readonly channelId: string }[],
  ): Promise<boolean>;

  /** Newest first, after the alert named when given; at most `limit`. */
  find(
    project: string,
    filter: AlertFilter,
    page: {
      readonly limit: number;
      readonly after?: { readonly raisedAtMs: number; readonly id: string } | undefined;
    },
  ): Promise<readonly { readonly alert: Alert; readonly deliveries: readonly AlertDelivery[] }[]>;

  /** Pending deliveries that are due, the longest due first; at most `limit`. Disabled channels' wait. */
  listDue(
    nowMs: number,
    limit: number,
  ): Promise<
    readonly {
      readonly delivery: AlertDelivery;
      readonly alert: Alert;
      readonly channel: AlertChannel;
    }[]
  >;

  recordDelivery(id: string, change: DeliveryChange): Promise<void>;

  countPending(): Promise<number>;

  /** Removes alerts raised before, with their deliveries. Their keys may be raised again. */
  removeBefore(beforeMs: number): Promise<void>;
}

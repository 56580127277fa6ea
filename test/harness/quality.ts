import { join } from 'node:path';

import { createBlockInserter } from '../../src/storage/clickhouse/block-inserter.ts';
import { createQualityResultStore } from '../../src/storage/clickhouse/quality-result-store.ts';
import type { ControlStore } from '../../src/storage/control-store.ts';
import type { QualityResultStore } from '../../src/storage/quality-result-store.ts';
import { openControlStore } from '../../src/storage/relational/control-store.ts';
import { openTelemetryStore, type TestTelemetryStore } from './telemetry-store.ts';

/** 2026-11-20 12:00 UTC. */
const NOON_MS = Date.UTC(2026, 10, 20, 12);

/** The stores that quality is kept in: real engines, and a clock that the test sets. */
export interface TestQuality {
  readonly telemetry: TestTelemetryStore;
  readonly results: QualityResultStore;
  readonly control: ControlStore;
  readonly clock: { nowMs: number; now(): number };
  close(): Promise<void>;
}

export async function openQuality(): Promise<TestQuality> {
  const clock = { nowMs: NOON_MS, now: () => clock.nowMs };
  const telemetry = await openTelemetryStore();
  const { engine, directory } = telemetry;
  const control = await openControlStore({ kind: 'sqlite', path: join(directory, 'control.db') });
  const insert = createBlockInserter({ engine, directory: join(directory, 'blocks'), clock });
  return {
    telemetry,
    control,
    clock,
    results: createQualityResultStore({ engine, insert, clock }),
    async close() {
      await control.close();
      await telemetry.close();
    },
  };
}

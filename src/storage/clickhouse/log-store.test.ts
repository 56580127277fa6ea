import { openTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { testLogStore } from '../conformance-log-store.ts';
import { createLogStore } from './log-store.ts';

testLogStore('the embedded engine', async () => {
  const opened = await openTelemetryStore();
  return { ...opened, logs: createLogStore(opened.engine) };
});

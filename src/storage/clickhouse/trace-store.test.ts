import { openTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { testTraceStore } from '../conformance-trace-store.ts';

testTraceStore('the embedded engine', openTelemetryStore);

/** `node --import @signalbox/sdk/register`: starts telemetry with the environment alone. */
import { initTelemetry } from './init-telemetry.ts';

initTelemetry();

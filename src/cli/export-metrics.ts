import { sendOtlp } from '../exporter/send-otlp.ts';
import { encodeGauges } from '../otlp/encode-telemetry.ts';
import type { Session } from '../session/read-session.ts';
import { topSessions } from '../session/select-sessions.ts';
import { sessionGauges } from '../session/session-gauges.ts';
import { report, targetOf, writeText } from './export.ts';
import type { ExportFlags } from './export.ts';
import type { Environment } from './session-place.ts';
import { productVersion } from './version.ts';

/** `signalbox export --metrics`: what sessions were like, as gauges. */
export async function exportMetrics(
  sessions: readonly Session[],
  flags: ExportFlags,
  env: Environment,
): Promise<void> {
  const tops = topSessions(sessions);
  const origin = {
    resource: { 'service.name': flags.serviceName, 'service.version': productVersion() },
    scope: { name: 'signalbox.session', version: productVersion() },
  };
  const gauges = sessionGauges(tops, flags.metricPrefix);
  const points = gauges.reduce((sum, gauge) => sum + gauge.points.length, 0);
  const json = JSON.stringify(encodeGauges(origin, gauges));
  const target = flags.output === undefined ? targetOf('metrics', flags, env) : undefined;
  if (target === undefined) {
    writeText(flags.output, [`${json}\n`]);
    return;
  }
  const result = await sendOtlp(target, { signal: 'metrics', json: Buffer.from(json, 'utf8') });
  const rejected = result.kind === 'accepted' ? result.rejected : points;
  report({
    sessions: tops.length,
    items: 'data points',
    accepted: points - rejected,
    rejected: result.kind === 'unanswered' ? 0 : rejected,
    unanswered: result.kind === 'unanswered' ? points : 0,
    messages: result.message === '' ? [] : [result.message],
  });
}

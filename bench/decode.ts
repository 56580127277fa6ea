import { TelemetryColumns } from '../src/model/telemetry-columns.ts';
import { OriginDecoder } from '../src/otlp/origin-decoder.ts';
import { TraceDecoder } from '../src/otlp/trace-decoder.ts';
import { renderValue } from '../src/otlp/value-text.ts';
import { DIALECTS } from '../src/semconv/dialects.ts';
import { GenAiResolver } from '../src/semconv/genai-resolver.ts';
import { RUN_ROOT_NAMES } from '../src/semconv/run-root.ts';
import { encodeGenAiRequest } from './workload/genai-workload.ts';

const requests = Array.from({ length: 20 }, (_, i) =>
  encodeGenAiRequest(i, 1000, 1_790_000_000_000_000_000n),
);
const bytes = requests.reduce((sum, request) => sum + request.length, 0);
console.log(`bytes/span ${bytes / 20_000}`);
const columns = new TelemetryColumns();
const origins = new OriginDecoder(columns);
const resolver = new GenAiResolver(
  { dialects: DIALECTS, runRootNames: RUN_ROOT_NAMES },
  renderValue,
);
const decoder = new TraceDecoder(columns, origins, resolver);
for (let round = 0; round < Number(process.env.ROUNDS ?? 12); round++) {
  const start = process.cpuUsage().user;
  let accepted = 0;
  for (let segment = 0; segment < 2; segment++) {
    for (const request of requests) {
      columns.mark();
      accepted += decoder.decode(request, { project: 'default', receivedAtMs: 0 }).accepted;
    }
    columns.reset();
    origins.reset();
    decoder.reset();
  }
  const seconds = (process.cpuUsage().user - start) / 1e6;
  console.log(
    `${Math.round(accepted / seconds)} spans/s  ${((seconds / accepted) * 1e6).toFixed(2)} µs/span`,
  );
}

import { ProtobufWriter, writeAttribute } from './protobuf-writer.ts';
import { mulberry32 } from '../../src/cli/demo/random.ts';
import { randomBytes } from './random.ts';

/**
 * The shape of Jaeger's `tracegen` with its defaults: traces of a parent and nine children, ten services, eleven
 * attributes on each span, taken in turn from 97 keys and 1,000 values. Jaeger's own figures
 * (`internal/storage/v2/clickhouse/BENCHMARKING.md`) are for this traffic.
 */
const SERVICES = 10;
const SPANS_PER_TRACE = 10;
const ATTRIBUTES = 11;
const KEYS = 97;
const VALUES = 1000;

/** One export request of `spanCount` spans, starting at `startNs`. */
export function encodeTracegenRequest(seed: number, spanCount: number, startNs: bigint): Buffer {
  const random = mulberry32(seed);
  const writer = new ProtobufWriter();
  let keyNumber = Math.floor(random() * KEYS);
  let valueNumber = Math.floor(random() * VALUES);
  writer.message(1, (resourceSpans) => {
    resourceSpans.message(1, (resource) => {
      writeAttribute(
        resource,
        1,
        'service.name',
        `tracegen-${String(seed % SERVICES).padStart(2, '0')}`,
      );
      writeAttribute(resource, 1, 'telemetry.sdk.language', 'go');
      writeAttribute(resource, 1, 'telemetry.sdk.name', 'opentelemetry');
      writeAttribute(resource, 1, 'telemetry.sdk.version', '1.45.0');
    });
    resourceSpans.message(2, (scopeSpans) => {
      scopeSpans.message(1, (scope) => scope.text(1, 'tracegen'));
      let traceId = randomBytes(random, 16);
      let parent = randomBytes(random, 8);
      for (let i = 0; i < spanCount; i++) {
        const child = i % SPANS_PER_TRACE;
        if (child === 0) {
          traceId = randomBytes(random, 16);
          parent = randomBytes(random, 8);
        }
        const at = startNs + BigInt(Math.floor(random() * 1e9));
        scopeSpans.message(2, (span) => {
          span.bytes(1, traceId);
          span.bytes(2, child === 0 ? parent : randomBytes(random, 8));
          if (child !== 0) span.bytes(4, parent);
          span.text(5, child === 0 ? 'lets-go' : `okey-dokey-${child - 1}`);
          span.varint(6, child === 0 ? 3 : 2);
          span.fixed64(7, at);
          span.fixed64(8, at + BigInt(1_000 + Math.floor(random() * 123_000)));
          for (let attribute = 0; attribute < ATTRIBUTES; attribute++) {
            writeAttribute(
              span,
              9,
              `attr_${String(keyNumber).padStart(2, '0')}`,
              `val_${String(valueNumber).padStart(3, '0')}`,
            );
            keyNumber = (keyNumber + 1) % KEYS;
            valueNumber = (valueNumber + 1) % VALUES;
          }
        });
      }
    });
  });
  return writer.finish();
}

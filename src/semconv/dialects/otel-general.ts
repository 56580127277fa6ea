import type { Dialect } from '../dialect.ts';

/**
 * General OpenTelemetry attributes that GenAI spans carry, believed after the names made for the purpose.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/
 */
export const otelGeneral: Dialect = {
  id: 'otel',
  attributes: {
    'session.id': 'conversation',
    'enduser.id': 'user',
  },
};

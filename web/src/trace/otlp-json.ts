import type { Span } from '../span.ts';

/** A request to an OTLP receiver, as JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). */
export interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: object;
    readonly schemaUrl: string;
    readonly scopeSpans: readonly {
      readonly scope: object;
      readonly schemaUrl: string;
      readonly spans: readonly object[];
    }[];
  }[];
}

/** The spans as they were sent: by resource and scope, without what Signalbox reads in them. */
export function toExportRequest(spans: readonly Span[]): ExportRequest {
  const byResource = new Map<string, Group>();
  for (const { resource = {}, scope = {}, genai: _, ...span } of spans) {
    const group = getOrMake(byResource, resource, () => ({ resource, scopes: new Map() }));
    getOrMake(group.scopes, scope, () => ({ scope, spans: [] })).spans.push(span);
  }
  return {
    resourceSpans: [...byResource.values()].map((group) => ({
      ...split(group.resource, 'resource'),
      scopeSpans: [...group.scopes.values()].map((held) => ({
        ...split(held.scope, 'scope'),
        spans: held.spans,
      })),
    })),
  };
}

type Origin = { readonly schemaUrl?: string } & object;

interface Group {
  readonly resource: Origin;
  readonly scopes: Map<string, { readonly scope: Origin; readonly spans: object[] }>;
}

/** What is told in the same words is the same resource or scope. */
function getOrMake<T>(known: Map<string, T>, origin: object, make: () => T): T {
  const key = JSON.stringify(origin);
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

/** The API tells a schema's address within the resource; OTLP has it beside it. */
function split<Name extends string>(
  origin: Origin,
  name: Name,
): Record<Name, object> & { readonly schemaUrl: string } {
  const { schemaUrl = '', ...rest } = origin;
  return { [name]: rest, schemaUrl } as Record<Name, object> & { readonly schemaUrl: string };
}

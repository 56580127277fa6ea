import { payloadHashesOf } from '../model/payload-text.ts';
import type { StoredAttributes, StoredOrigin, TraceStore } from '../storage/trace-store.ts';
import type { PayloadLookup } from './otlp-value.ts';
import { toKeyValues } from './otlp-value.ts';
import type { TraceSpan } from './trace-query.ts';

/** What a span or a log record came in. */
export interface Referring {
  readonly resourceId: string;
  readonly scopeId: string;
}

export interface Origins {
  readonly resourceOf: (row: Referring) => TraceSpan['resource'];
  readonly scopeOf: (row: Referring) => TraceSpan['scope'];
  readonly lookup: PayloadLookup;
}

/** Reads the resources and scopes of the rows, and the payloads that those and `hashes` refer to. */
export async function readOrigins(
  store: Pick<TraceStore, 'getResources' | 'getScopes' | 'getPayloads'>,
  project: string,
  rows: readonly Referring[],
  hashes: readonly string[],
): Promise<Origins> {
  const [resources, scopes] = await Promise.all([
    store.getResources(project, distinct(rows.map(({ resourceId }) => resourceId))),
    store.getScopes(project, distinct(rows.map(({ scopeId }) => scopeId))),
  ]);
  const own = [...resources, ...scopes].flatMap(({ attributes }) => hashesIn(attributes));
  const payloads = await store.getPayloads(project, distinct([...hashes, ...own]));
  const lookup: PayloadLookup = (hash) => payloads.get(hash);
  const resourceById = new Map(resources.map((origin) => [origin.id, toResource(origin, lookup)]));
  const scopeById = new Map(scopes.map((origin) => [origin.id, toScope(origin, lookup)]));
  return {
    resourceOf: ({ resourceId }) => resourceById.get(resourceId) ?? NO_RESOURCE,
    scopeOf: ({ scopeId }) => scopeById.get(scopeId) ?? NO_SCOPE,
    lookup,
  };
}

/** A capital type letter says that the text refers to payloads. */
export function hashesIn({ values, types }: StoredAttributes): string[] {
  return values.flatMap((text, index) => {
    const letter = types[index] ?? '';
    return letter === letter.toLowerCase() ? [] : payloadHashesOf(text);
  });
}

export function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

const NO_RESOURCE: TraceSpan['resource'] = {
  attributes: [],
  droppedAttributesCount: 0,
  schemaUrl: '',
};
const NO_SCOPE: TraceSpan['scope'] = { ...NO_RESOURCE, name: '', version: '' };

function toResource(origin: StoredOrigin, lookup: PayloadLookup): TraceSpan['resource'] {
  return {
    attributes: toKeyValues(origin.attributes, lookup),
    droppedAttributesCount: origin.droppedAttributes,
    schemaUrl: origin.schemaUrl,
  };
}

function toScope(origin: StoredOrigin, lookup: PayloadLookup): TraceSpan['scope'] {
  return { name: origin.name, version: origin.version, ...toResource(origin, lookup) };
}

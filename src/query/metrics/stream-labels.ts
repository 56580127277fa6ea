import { prometheusLabel } from '../../model/metric-name.ts';
import type { StoredStream } from '../../storage/metric-store.ts';
import type { StoredAttributes, StoredOrigin } from '../../storage/trace-store.ts';
import type { Labels } from '../promql/labels.ts';
import { labelsOf } from '../promql/labels.ts';

/** Attributes of the resource that every series carries as labels; the others are labels of `target_info`. */
const PROMOTED = new Set([
  'service.name',
  'service.namespace',
  'deployment.environment',
  'deployment.environment.name',
  'gen_ai.agent.name',
]);
const INSTANCE_DIGITS = 8;

/** The labels of a stream but for its name: attributes, scope, `job`, `instance` and what is promoted. */
export function streamLabels(
  stream: StoredStream,
  resource: StoredOrigin | undefined,
  scope: StoredOrigin | undefined,
): Labels {
  const promoted = attributesOf(resource?.attributes).filter(([key]) => PROMOTED.has(key));
  return labelsOf([
    ...renamed(promoted),
    ...scopeLabels(scope),
    ...renamed(attributesOf(stream.attributes)),
    ...targetLabels(stream.resourceId, resource),
  ]);
}

/** The labels of `target_info`: all that is known of a resource. */
export function resourceLabels(resourceId: string, resource: StoredOrigin | undefined): Labels {
  return labelsOf([
    ...renamed(attributesOf(resource?.attributes)),
    ...targetLabels(resourceId, resource),
  ]);
}

/**
 * `job` and `instance`. Few SDKs name their instance: then it is the beginning of the resource's id, so that two
 * processes never share a counter.
 */
function targetLabels(resourceId: string, resource: StoredOrigin | undefined): [string, string][] {
  const attributes = new Map(attributesOf(resource?.attributes));
  const service = attributes.get('service.name') ?? '';
  const namespace = attributes.get('service.namespace') ?? '';
  const instance = attributes.get('service.instance.id') ?? '';
  return [
    ['job', namespace === '' ? service : `${namespace}/${service}`],
    ['instance', instance === '' ? resourceId.slice(0, INSTANCE_DIGITS) : instance],
  ];
}

function scopeLabels(scope: StoredOrigin | undefined): [string, string][] {
  return [
    ['otel_scope_name', scope?.name ?? ''],
    ['otel_scope_version', scope?.version ?? ''],
  ];
}

function attributesOf(attributes: StoredAttributes | undefined): [string, string][] {
  if (attributes === undefined) return [];
  return attributes.keys.map((key, at) => [key, attributes.values[at]!]);
}

/** Values of keys that become one label are joined, as Prometheus does. */
function renamed(attributes: readonly (readonly [string, string])[]): [string, string][] {
  const labels = new Map<string, string>();
  for (const [key, value] of attributes.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const name = prometheusLabel(key);
    const known = labels.get(name);
    labels.set(name, known === undefined ? value : `${known};${value}`);
  }
  return [...labels];
}

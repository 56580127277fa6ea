import { BoundedMap } from '../../base/bounded-map.ts';
import type { MetricStore, StoredStream } from '../../storage/metric-store.ts';
import type { StoredOrigin } from '../../storage/trace-store.ts';
import type { Labels } from '../promql/labels.ts';
import { resourceLabels, streamLabels } from './stream-labels.ts';

export interface KnownStream {
  readonly stream: StoredStream;
  /** Without a name. */
  readonly labels: Labels;
}

const STREAMS_REMEMBERED = 50_000;

/** What streams are; their ids are made of what they are, so that what was read once stays true. */
export class StreamDirectory {
  readonly #store: MetricStore;
  readonly #known = new BoundedMap<string, KnownStream>(STREAMS_REMEMBERED);

  constructor(store: MetricStore) {
    this.#store = store;
  }

  async describe(
    project: string,
    names: readonly string[],
    ids: readonly string[],
  ): Promise<readonly KnownStream[]> {
    const keyOf = (id: string): string => `${project}\0${id}`;
    const described = new Map<string, KnownStream>();
    const missing: string[] = [];
    for (const id of ids) {
      const known = this.#known.get(keyOf(id));
      if (known === undefined) missing.push(id);
      else described.set(id, known);
    }
    const streams =
      missing.length === 0 ? [] : await this.#store.describeStreams(project, names, missing);
    const [resources, scopes] = await Promise.all([
      this.#origins(
        streams.map(({ resourceId }) => resourceId),
        (wanted) => this.#store.getResources(project, wanted),
      ),
      this.#origins(
        streams.map(({ scopeId }) => scopeId),
        (wanted) => this.#store.getScopes(project, wanted),
      ),
    ]);
    for (const stream of streams) {
      const resource = resources.get(stream.resourceId);
      const labels = streamLabels(stream, resource, scopes.get(stream.scopeId));
      described.set(stream.id, { stream, labels });
      this.#known.set(keyOf(stream.id), { stream, labels });
    }
    return ids.flatMap((id) => described.get(id) ?? []);
  }

  /** Labels of `target_info`, by the resource's id. */
  async describeResources(
    project: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Labels>> {
    const resources = await this.#origins(ids, (wanted) =>
      this.#store.getResources(project, wanted),
    );
    return new Map(ids.map((id) => [id, resourceLabels(id, resources.get(id))]));
  }

  async #origins(
    ids: readonly string[],
    get: (ids: readonly string[]) => Promise<readonly StoredOrigin[]>,
  ): Promise<ReadonlyMap<string, StoredOrigin>> {
    const distinct = [...new Set(ids)];
    if (distinct.length === 0) return new Map();
    return new Map((await get(distinct)).map((origin) => [origin.id, origin]));
  }
}

import { BoundedMap } from '../../base/bounded-map.ts';
import { joinPayloads } from '../../model/payload-text.ts';
import type { MetricStore, StoredStream } from '../../storage/metric-store.ts';
import type { StoredAttributes, StoredOrigin } from '../../storage/trace-store.ts';
import { distinct, hashesIn } from '../read-origins.ts';
import type { Labels } from '../promql/labels.ts';
import { resourceLabels, streamLabels } from './stream-labels.ts';

export interface KnownStream {
  readonly stream: StoredStream;
  /** Without a name. */
  readonly labels: Labels;
}

const STREAMS_REMEMBERED = 50_000;
/** Of a text that is too long to stand with its attribute, labels show the beginning, */
const SHOWN_CHARACTERS = 256;
/** and so much of its hash, so that series stay apart whose texts differ behind it. */
const SHOWN_DIGITS = 8;

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
      missing.length === 0
        ? []
        : await this.#withTexts(
            project,
            await this.#store.describeStreams(project, names, missing),
          );
    const [resources, scopes] = await Promise.all([
      this.#origins(
        streams.map(({ resourceId }) => resourceId),
        async (wanted) => this.#withTexts(project, await this.#store.getResources(project, wanted)),
      ),
      // Of a scope its name and version are shown alone.
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
    const resources = await this.#origins(ids, async (wanted) =>
      this.#withTexts(project, await this.#store.getResources(project, wanted)),
    );
    return new Map(ids.map((id) => [id, resourceLabels(id, resources.get(id))]));
  }

  /** With the beginnings of the texts that their attributes refer to. */
  async #withTexts<T extends { readonly attributes: StoredAttributes }>(
    project: string,
    described: readonly T[],
  ): Promise<readonly T[]> {
    const hashes = distinct(described.flatMap(({ attributes }) => hashesIn(attributes)));
    if (hashes.length === 0) return described;
    const starts = await this.#store.getPayloadStarts(project, hashes, SHOWN_CHARACTERS + 1);
    const textOf = (hash: string): string | undefined => {
      const start = starts.get(hash);
      if (start === undefined || start.length <= SHOWN_CHARACTERS) return start;
      return `${start.slice(0, SHOWN_CHARACTERS)}… ${hash.slice(0, SHOWN_DIGITS)}`;
    };
    return described.map((one) => {
      if (hashesIn(one.attributes).length === 0) return one;
      const values = one.attributes.values.map((value) => joinPayloads(value, textOf));
      return { ...one, attributes: { ...one.attributes, values } };
    });
  }

  async #origins(
    ids: readonly string[],
    get: (ids: readonly string[]) => Promise<readonly StoredOrigin[]>,
  ): Promise<ReadonlyMap<string, StoredOrigin>> {
    const wanted = distinct(ids);
    if (wanted.length === 0) return new Map();
    return new Map((await get(wanted)).map((origin) => [origin.id, origin]));
  }
}

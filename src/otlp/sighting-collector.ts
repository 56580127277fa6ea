import type { AgentSighting } from '../model/agent.ts';
import type { GenAiColumns } from '../model/genai-columns.ts';
import { GENAI_FLAG } from '../model/genai-columns.ts';
import type { DictionaryColumn } from '../base/dictionary-column.ts';
import type { RecentSet } from '../base/recent-set.ts';
import type { ResourceOrigin } from './origin-decoder.ts';

/** Distinct values that one sighting names of a kind; what is more is found by later requests. */
const VALUES_MAX = 100;
const TRACE_ID_BYTES = 16;

interface Draft {
  runs: number;
  readonly services: Set<string>;
  readonly frameworks: Set<string>;
  readonly sdkLanguages: Set<string>;
  readonly models: Set<string>;
  readonly providers: Set<string>;
  readonly tools: Set<string>;
  /** Numbers of the last values, so that runs of equal spans cost nothing. */
  readonly last: Int32Array;
  resource: ResourceOrigin | undefined;
}

/** Gathers, over the spans of one request, which agents were seen and what they used. */
export class SightingCollector {
  /** Agents and traces of which a run is counted already. */
  readonly #counted: RecentSet;
  readonly #drafts = new Map<number, Draft>();
  #lastAgent = -1;
  #lastDraft: Draft | undefined;

  constructor(counted: RecentSet) {
    this.#counted = counted;
  }

  /** Notes the span that is the last row of `view`; its trace id is the 16 bytes at a position. */
  note(view: GenAiColumns, resource: ResourceOrigin, buffer: Buffer, traceId: number): void {
    const agent = lastId(view.agent);
    let draft = this.#lastDraft;
    if (agent !== this.#lastAgent || draft === undefined) {
      draft = this.#drafts.get(agent) ?? this.#start(agent);
      this.#lastAgent = agent;
      this.#lastDraft = draft;
    }
    if (draft.resource !== resource) {
      draft.resource = resource;
      add(draft.services, resource.service);
      add(draft.sdkLanguages, resource.sdkLanguage);
    }
    if ((view.flags.bytes[view.flags.length - 1]! & GENAI_FLAG.runRoot) !== 0) {
      // Wrappers and steps of a run name themselves runs, too: an agent runs once in a trace.
      const name = view.agent.dictionary.textOf(agent);
      const run = `${buffer.toString('latin1', traceId, traceId + TRACE_ID_BYTES)}${name}`;
      if (this.#counted.add(run)) draft.runs++;
    }
    noteLast(draft, 0, view.framework, draft.frameworks);
    noteLast(draft, 1, view.requestModel, draft.models);
    noteLast(draft, 2, view.responseModel, draft.models);
    noteLast(draft, 3, view.provider, draft.providers);
    noteLast(draft, 4, view.toolName, draft.tools);
  }

  /** The sightings of the request; begins anew. */
  take(project: string, seenAtMs: number, view: GenAiColumns): AgentSighting[] {
    const sightings: AgentSighting[] = [];
    for (const [agent, draft] of this.#drafts) {
      const name = view.agent.dictionary.textOf(agent);
      if (name === '') continue;
      sightings.push({
        project,
        name,
        seenAtMs,
        runs: draft.runs,
        services: [...draft.services],
        frameworks: [...draft.frameworks],
        sdkLanguages: [...draft.sdkLanguages],
        models: [...draft.models],
        providers: [...draft.providers],
        tools: [...draft.tools],
      });
    }
    this.discard();
    return sightings;
  }

  discard(): void {
    this.#drafts.clear();
    this.#lastAgent = -1;
    this.#lastDraft = undefined;
  }

  #start(agent: number): Draft {
    const draft: Draft = {
      runs: 0,
      services: new Set(),
      frameworks: new Set(),
      sdkLanguages: new Set(),
      models: new Set(),
      providers: new Set(),
      tools: new Set(),
      last: new Int32Array(5).fill(-1),
      resource: undefined,
    };
    this.#drafts.set(agent, draft);
    return draft;
  }
}

function lastId(column: DictionaryColumn): number {
  return column.ids.values[column.ids.count - 1]!;
}

function noteLast(draft: Draft, slot: number, column: DictionaryColumn, into: Set<string>): void {
  const id = lastId(column);
  if (draft.last[slot] === id) return;
  draft.last[slot] = id;
  add(into, column.dictionary.textOf(id));
}

function add(into: Set<string>, value: string): void {
  if (value !== '' && into.size < VALUES_MAX) into.add(value);
}

import type { AgentSighting } from '../model/agent.ts';
import type { ResourceOrigin } from './origin-decoder.ts';

interface Draft {
  readonly services: Set<string>;
  readonly sdkLanguages: Set<string>;
}

/**
 * Gathers the agents of a request that has no spans: a sender of logs or metrics alone is an agent too.
 * It tells of no runs.
 */
export class ServiceSightings {
  readonly #drafts = new Map<string, Draft>();
  #lastName = '';
  #lastResource: ResourceOrigin | undefined;

  /** Notes an item of the agent `name`; '' stands for the resource's service. */
  note(name: string, resource: ResourceOrigin): void {
    const agent = name === '' ? resource.service : name;
    if (agent === '' || (agent === this.#lastName && resource === this.#lastResource)) return;
    this.#lastName = agent;
    this.#lastResource = resource;
    let draft = this.#drafts.get(agent);
    if (draft === undefined) {
      draft = { services: new Set(), sdkLanguages: new Set() };
      this.#drafts.set(agent, draft);
    }
    if (resource.service !== '') draft.services.add(resource.service);
    if (resource.sdkLanguage !== '') draft.sdkLanguages.add(resource.sdkLanguage);
  }

  /** The sightings of the request; begins anew. */
  take(project: string, seenAtMs: number): AgentSighting[] {
    const sightings = [...this.#drafts].map(([name, { services, sdkLanguages }]) => ({
      project,
      name,
      seenAtMs,
      runs: 0,
      services: [...services],
      frameworks: [],
      sdkLanguages: [...sdkLanguages],
      models: [],
      providers: [],
      tools: [],
    }));
    this.discard();
    return sightings;
  }

  discard(): void {
    this.#drafts.clear();
    this.#lastName = '';
    this.#lastResource = undefined;
  }
}

import { normalizeProvider } from './provider.ts';

/** A model under the name that a seller lists it by, maybe. */
export interface Listing {
  /** As the price library calls whoever serves the model. */
  readonly seller: string;
  /** In lower case. */
  readonly model: string;
}

/** `gen_ai.provider.name` → the price library's name; others are tried as they are. */
const SELLERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'gcp.gemini': 'google',
    'gcp.vertex_ai': 'google',
    'gcp.gen_ai': 'google',
    'azure.ai.openai': 'azure',
    'azure.ai.inference': 'azure',
    'aws.bedrock': 'aws',
    'google-gla': 'google',
    'google-vertex': 'google',
    x_ai: 'x-ai',
    mistral_ai: 'mistral',
    moonshot_ai: 'moonshotai',
    together_ai: 'together',
    'together-ai': 'together',
    togetherai: 'together',
    fireworks_ai: 'fireworks',
    'fireworks-ai': 'fireworks',
    voyage: 'voyageai',
    'novita-ai': 'novita',
    zhipu: 'zhipuai',
    'z-ai': 'zai',
    z_ai: 'zai',
    github_copilot: 'github-copilot',
  }),
);

/** Models whose weights nobody else has: whoever passes the call on, their maker's list price holds. */
const CLOSED =
  /^(?:claude|gpt-(?!oss|neo|j)|chatgpt|o[134](?:-|$)|text-embedding-(?:3|ada)|gemini|grok-[3-9]|sonar)/;
/** What cloud interfaces put before a model's name. */
const RESOURCE =
  /^.*\b(?:models|foundation-model|inference-profile|endpoints|deployments|converse|invoke)\/(?=[^/]+$)/;
/** `provider/model`, `provider:model`. */
const PREFIX = /^([a-z0-9_.-]+)[/:](.+)$/;
const PREFIXES_MAX = 3;

/**
 * Where a model may be listed, the most certain first. `provider` is as `gen_ai.provider.name` has it. Names are taken
 * as clients send them: with the provider before them, with a cloud's path, in a router's form.
 */
export function listingsOf(provider: string, model: string, isSeller: IsSeller): Listing[] {
  const sent = model.trim().toLowerCase();
  const listings: Listing[] = [];
  const add = (seller: string, name: string): void => {
    if (isSeller(seller) && name !== '') listings.push({ seller, model: name });
  };
  const own = sellerOf(provider);
  add(own, sent);
  let seller = own;
  let name = sent.replace(RESOURCE, '');
  if (name !== sent) add(own, name);
  for (let prefixes = 0; prefixes < PREFIXES_MAX; prefixes++) {
    const match = PREFIX.exec(name);
    if (match === null) break;
    const named = sellerOf(normalizeProvider(match[1]!, ''));
    if (!isSeller(named) && !name.includes('/')) break;
    if (isSeller(named)) seller = named;
    name = match[2]!.replace(RESOURCE, '');
    add(seller, name);
  }
  if (seller !== own) add(own, name);
  const maker = normalizeProvider('', name);
  if (CLOSED.test(name) || maker === 'aws.bedrock') add(sellerOf(maker), name);
  return listings;
}

export type IsSeller = (seller: string) => boolean;

/** What the price library calls a provider; the same name where it has no other. */
export function sellerOf(provider: string): string {
  return SELLERS.get(provider) ?? provider;
}

/** The model's name in lower case, without what providers, clouds and routers put before it. */
export function bareModel(model: string): string {
  return model.trim().toLowerCase().replace(/^.*\//, '');
}

import { once } from './instrumented.ts';
import { watchMethods, type ModelMethod } from './stainless-client.ts';

const METHODS: readonly ModelMethod[] = [
  { path: 'chat.completions.create', operation: 'chat' },
  { path: 'responses.create', operation: 'chat' },
  { path: 'completions.create', operation: 'text_completion' },
  { path: 'embeddings.create', operation: 'embeddings' },
];

/** The parts of a client of the `openai` package that are looked at. */
export interface OpenAIClient {
  readonly baseURL: string;
}

/**
 * Watches the model calls of a client of the `openai` package, version 4 and later, and gives the same client
 * back. The provider is found from the client's address. A streamed chat reports its usage only where the request
 * asks for it with `stream_options: { include_usage: true }`.
 */
export function instrumentOpenAI<T extends OpenAIClient>(client: T): T {
  return once(client, () => watchMethods(client, METHODS, () => client.baseURL));
}

import type { GenAiResolver } from '../semconv/genai-resolver.ts';
import type { KeyMeaning } from '../semconv/key-roles.ts';
import type { AttributeDecoder } from './attribute-decoder.ts';

/** Tells a resolver of a span's attributes by what their keys mean, which is looked up once per key. */
export class AttributeMeanings {
  readonly #resolver: GenAiResolver;
  /** By key number; `null` when a key means nothing. */
  readonly #known: (KeyMeaning | null)[] = [];

  constructor(resolver: GenAiResolver) {
    this.#resolver = resolver;
  }

  offer(attributes: AttributeDecoder): void {
    for (let i = 0; i < attributes.count; i++) {
      const key = attributes.keyIds[i]!;
      let meaning = this.#known[key];
      if (meaning === undefined) {
        meaning = this.#resolver.meaningOf(attributes.keys.textOf(key)) ?? null;
        this.#known[key] = meaning;
      }
      if (meaning === null) continue;
      this.#resolver.offer(
        meaning,
        attributes.kinds[i]!,
        attributes.starts[i]!,
        attributes.ends[i]!,
        attributes.numbers[i]!,
      );
    }
  }

  /** For when keys get other numbers. */
  reset(): void {
    this.#known.length = 0;
  }
}

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { read } from './call.ts';

/** Which attributes are offered: those of spans, or of log records. */
export interface CompletionSource {
  readonly key: string;
  readonly keys: 'GET /api/v1/attributes' | 'GET /api/v1/logs/attributes';
  readonly values: 'GET /api/v1/attributes/values' | 'GET /api/v1/logs/attributes/values';
}

/** What may follow in a field that takes `key=value`: keys before the sign, values behind it. */
export function attributeCompletionQuery(source: CompletionSource, typed: string) {
  const [, key, sign = '=', value] = /^([^=~!]+)(!=|=|~)([^]*)$/.exec(typed) ?? [];
  const part = value ?? typed;
  return queryOptions({
    queryKey: ['attributes', source.key, key, sign, part],
    queryFn: async ({ signal }) => {
      const query = { q: part, limit: 20 };
      const found =
        key === undefined
          ? await read(source.keys, { query, signal })
          : await read(source.values, { query: { ...query, key }, signal });
      return found.map((each) =>
        key === undefined ? `${each.value}=` : `${key}${sign}${each.value}`,
      );
    },
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });
}

import type { Routes } from './generated/api.ts';
import { request } from './http.ts';
import type { Answer, QueryValue } from './http.ts';

/** A call by the route's own name, with the types that the API's description gives it. */

export type Route = keyof Routes;
type Part<R extends Route, P extends string> = Routes[R] extends { readonly [K in P]: infer T }
  ? T
  : undefined;

export type DataOf<R extends Route> = Part<R, 'data'>;
export type QueryOf<R extends Route> = Part<R, 'query'>;
export type BodyOf<R extends Route> = Part<R, 'body'>;

type Given<Name extends string, T> = T extends undefined ? unknown : { readonly [K in Name]: T };
type MayBeGiven<Name extends string, T> = T extends undefined
  ? unknown
  : { readonly [K in Name]?: T | undefined };

export type CallOptions<R extends Route> = { readonly signal?: AbortSignal | undefined } & Given<
  'params',
  Part<R, 'params'>
> &
  MayBeGiven<'query', QueryOf<R>> &
  Given<'body', BodyOf<R>>;

interface AnyOptions {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Answers with `data` and `meta`, or throws an `ApiError`. */
export function call<R extends Route>(
  route: R,
  options: CallOptions<R>,
): Promise<Answer<DataOf<R>>> {
  const { params = {}, query, body, signal } = options as AnyOptions;
  const [method, pattern] = route.split(' ') as [
    'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    string,
  ];
  const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  );
  return request<DataOf<R>>(path, {
    method,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The same for those who want the data alone. */
export async function read<R extends Route>(route: R, options: CallOptions<R>): Promise<DataOf<R>> {
  return (await call(route, options)).data;
}

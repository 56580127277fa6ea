/** One request to this server's API, with the session's cookie. */

export interface PageMeta {
  readonly total?: number;
  readonly page?: number;
  readonly limit?: number;
  readonly next_cursor?: string | null;
}

export interface Answer<T> {
  readonly data: T;
  readonly meta: PageMeta;
}

/** A request that failed, in the words of the server's error catalogue; `status` 0 when there was no answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

export type QueryValue = string | number | boolean | readonly string[] | null | undefined;

interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export function withQuery(path: string, query: Readonly<Record<string, QueryValue>> = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    if (typeof value === 'object') for (const item of value) params.append(key, item);
    else params.set(key, String(value));
  }
  const text = params.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Sends the request; answers with `data` and `meta`, or throws an {@link ApiError}. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<Answer<T>> {
  const { method = 'GET', query, body, signal } = options;
  let response: Response;
  try {
    response = await fetch(withQuery(path, query), {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError(
      0,
      'SERVER_UNREACHABLE',
      'The Signalbox server does not answer. Is it running? Start it with: npm start',
      { cause: error },
    );
  }
  return readAnswer<T>(response);
}

async function readAnswer<T>(response: Response): Promise<Answer<T>> {
  if (response.status === 204) return { data: undefined as T, meta: {} };
  let body: unknown;
  try {
    body = await response.json();
  } catch (error) {
    throw new ApiError(
      response.status,
      'INTERNAL_ERROR',
      `The server answered with status ${response.status} and no JSON.`,
      { cause: error },
    );
  }
  const { success, data, meta, error, code } = (body ?? {}) as {
    success?: boolean;
    data?: T;
    meta?: PageMeta;
    error?: string;
    code?: string;
  };
  if (!response.ok || success === false) {
    throw new ApiError(
      response.status,
      code ?? 'INTERNAL_ERROR',
      error ?? `The server answered with status ${response.status}.`,
    );
  }
  return { data: data === undefined ? (body as T) : data, meta: meta ?? {} };
}

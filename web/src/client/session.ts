import { queryOptions } from '@tanstack/react-query';
import { request } from './http.ts';

export interface Me {
  readonly username?: string;
  readonly scopes?: readonly string[];
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => (await request<Me>('/auth/me', { signal })).data,
  staleTime: 60_000,
});

export async function signIn(username: string, password: string): Promise<void> {
  await request('/auth/session', { method: 'POST', body: { username, password } });
}

export async function signOut(): Promise<void> {
  await request('/auth/session', { method: 'DELETE' });
}

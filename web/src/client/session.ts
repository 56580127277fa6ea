import { queryOptions } from '@tanstack/react-query';
import { request } from './http.ts';

export interface Me {
  readonly id: string;
  readonly username: string;
  readonly scopes: readonly string[];
}

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => (await request<Me>('/auth/me', { signal })).data,
  staleTime: 60_000,
});

/** Whether the signed-in user may do what needs the scope. */
export function may(me: Me | undefined, scope: string): boolean {
  return me === undefined || me.scopes.includes(scope) || me.scopes.includes('admin');
}

export async function signIn(username: string, password: string): Promise<void> {
  await request('/auth/session', { method: 'POST', body: { username, password } });
}

export async function signOut(): Promise<void> {
  await request('/auth/session', { method: 'DELETE' });
}

import { AppError } from '../errors.ts';
import type { User } from '../storage/user-store.ts';
import type { Auth } from './auth.ts';
import { DEFAULT_PROJECT } from './principal.ts';

export interface AdministratorLink {
  readonly username: string;
  /** Signs the administrator in, once. */
  readonly linkToken: string;
}

/**
 * A way in for whoever may start the server on its data, with no password: for the administrator of this name, else
 * the oldest one. Throws `NOT_FOUND` when there is none.
 */
export async function createAdministratorLink(
  auth: Pick<Auth, 'accounts' | 'logins'>,
  adminUsername: string,
): Promise<AdministratorLink> {
  const people = await auth.accounts.list(DEFAULT_PROJECT, 'person');
  const admins = people.filter(({ role }) => role === 'admin');
  const { username } = named(admins, adminUsername) ?? oldest(admins);
  return { username, linkToken: await auth.logins.createSignInLink(username) };
}

function named(admins: readonly User[], name: string): User | undefined {
  return admins.find(({ username }) => username.toLowerCase() === name.toLowerCase());
}

function oldest(admins: readonly User[]): User {
  const [first] = admins.toSorted((one, other) => one.createdAtMs - other.createdAtMs);
  if (first === undefined) throw new AppError('NOT_FOUND', 'there is no administrator');
  return first;
}

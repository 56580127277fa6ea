import type { Clock } from '../base/clock.ts';
import { randomId } from '../base/random-id.ts';
import { AppError } from '../errors.ts';
import type { AuditEntry } from '../storage/audit-log.ts';
import type { User, UserStore } from '../storage/user-store.ts';
import { createAttemptLimit } from './attempt-limit.ts';
import { hashPassword, verifyPassword } from './password.ts';
import { actorOf, type Principal, SYSTEM_PRINCIPAL } from './principal.ts';
import { holds, type Scope } from './scope.ts';
import { createSecret } from './secret.ts';

export interface NewAccount {
  readonly kind: User['kind'];
  readonly username: string;
  /** Made up and answered once when absent. */
  readonly password?: string | undefined;
  /** Of a person. */
  readonly role?: User['role'] | undefined;
  /** Of a service account. */
  readonly scopes?: readonly Scope[] | undefined;
}

export interface CreatedAccount {
  readonly user: User;
  /** The password that was made up; undefined when one was given. */
  readonly password: string | undefined;
}

/** People and service accounts. */
export interface Accounts {
  /** Throws `CONFLICT` when the username is taken, `FORBIDDEN` when the creator lacks a scope that it grants. */
  create(account: NewAccount, creator: Principal): Promise<CreatedAccount>;

  list(project: string, kind: User['kind']): Promise<readonly User[]>;

  /** Ends its sign-ins and revokes its keys. Throws `CONFLICT` for the last administrator. */
  remove(id: string, kind: User['kind'], remover: Principal): Promise<void>;

  /** Ends all sign-ins of the user. Throws `FORBIDDEN` when the present password is wrong. */
  changePassword(
    principal: Principal,
    passwords: { readonly current: string; readonly next: string },
  ): Promise<void>;

  /** Creates the administrator of an empty installation; undefined when there is one. */
  ensureFirstAdmin(config: {
    readonly username: string;
    readonly password?: string | undefined;
  }): Promise<CreatedAccount | undefined>;
}

interface AccountsOptions {
  readonly store: UserStore;
  readonly clock: Clock;
  readonly onRemoved: () => void;
}

export function createAccounts({ store, clock, onRemoved }: AccountsOptions): Accounts {
  const attempts = createAttemptLimit({ clock, attemptsMax: 5, windowMs: 15 * 60_000 });
  const entryFor = (user: User, action: string, by: Principal): AuditEntry => ({
    project: user.project,
    atMs: clock.now(),
    actor: actorOf(by),
    action,
    target: { kind: user.kind === 'service' ? 'service_account' : 'user', id: user.id },
    reason: null,
    detail: { username: user.username, role: user.role, scopes: user.scopes },
  });

  const create: Accounts['create'] = async (account, creator) => {
    const scopes = account.scopes ?? [];
    const missing = scopes.filter((scope) => !holds(creator.scopes, scope));
    if (missing.length > 0) {
      throw new AppError('FORBIDDEN', `${creator.name} cannot grant ${missing.join(', ')}`);
    }
    const madeUp = account.password === undefined ? createSecret('sbs').slice(4) : undefined;
    const user: User = {
      id: randomId(account.kind === 'service' ? 'svc' : 'usr'),
      project: creator.project,
      kind: account.kind,
      username: account.username,
      role: account.kind === 'service' ? 'member' : (account.role ?? 'member'),
      scopes: account.kind === 'service' ? scopes : [],
      passwordHash: await hashPassword(account.password ?? madeUp ?? ''),
      createdAtMs: clock.now(),
    };
    const noun = account.kind === 'service' ? 'service_account' : 'user';
    if (!(await store.create(user, entryFor(user, `${noun}.created`, creator)))) {
      throw new AppError('CONFLICT', `the username ${user.username} is taken; choose another`);
    }
    return { user, password: madeUp };
  };

  return {
    create,
    list: (project, kind) => store.list(project, kind),

    async remove(id, kind, remover) {
      const user = await store.get(id);
      if (user === undefined || user.project !== remover.project || user.kind !== kind) {
        throw new AppError('NOT_FOUND', `there is no account ${id}`);
      }
      if (user.role === 'admin' && (await store.countAdmins()) <= 1) {
        throw new AppError('CONFLICT', `${user.username} is the last administrator; add another`);
      }
      const noun = kind === 'service' ? 'service_account' : 'user';
      await store.remove(user.project, id, entryFor(user, `${noun}.removed`, remover));
      onRemoved();
    },

    async changePassword(principal, { current, next }) {
      const user = await store.get(principal.id);
      if (user === undefined) {
        throw new AppError('FORBIDDEN', 'only an account with a password can change it');
      }
      attempts.take(user.id);
      if (!(await verifyPassword(current, user.passwordHash))) {
        throw new AppError('FORBIDDEN', 'the present password is wrong');
      }
      attempts.forgive(user.id);
      const entry = entryFor(user, 'password.changed', principal);
      await store.changePassword(user.id, await hashPassword(next), entry);
      onRemoved();
    },

    async ensureFirstAdmin({ username, password }) {
      if ((await store.countAdmins()) > 0) return undefined;
      return create({ kind: 'person', role: 'admin', username, password }, SYSTEM_PRINCIPAL);
    },
  };
}

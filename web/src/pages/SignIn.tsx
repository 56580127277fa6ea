import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { FormEvent } from 'react';
import { ApiError } from '../client/http.ts';
import { signIn } from '../client/session.ts';
import { Mark } from '../parts/Mark.tsx';
import './SignIn.css';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { next, link } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  useEffect(() => {
    document.title = 'Sign in · Signalbox';
  }, []);
  const attempt = useMutation({
    mutationFn: async (form: FormData) => {
      await signIn(textOf(form, 'username'), textOf(form, 'password'));
      queries.clear();
      router.history.push(next ?? '/');
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    attempt.mutate(new FormData(event.currentTarget));
  };
  return (
    <main className="sign-in">
      <div className="brand">
        <Mark />
        <span>Signalbox</span>
      </div>
      <h1>Sign in</h1>
      {link === 'ended' && (
        <p className="notice caution">
          This sign-in link has served already or is too old. Sign in with the password.
        </p>
      )}
      <form className="panel" onSubmit={submit}>
        <div className="field">
          <label htmlFor="username">Username</label>
          <input
            className="input"
            id="username"
            name="username"
            defaultValue="admin"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
          />
        </div>
        <div className="field">
          <label htmlFor="password">Password</label>
          <input
            className="input"
            id="password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            autoFocus
            aria-describedby={attempt.isError ? 'sign-in-error' : undefined}
          />
        </div>
        {attempt.isError && (
          <p className="notice stop" id="sign-in-error" role="alert">
            {explain(attempt.error)}
          </p>
        )}
        <button type="submit" className="button primary" disabled={attempt.isPending}>
          {attempt.isPending ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      <LinkHint />
    </main>
  );
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

function explain(error: Error): string {
  if (error instanceof ApiError && error.status === 401) {
    return 'Username or password is wrong. The first start printed the password, unless SIGNALBOX_ADMIN_PASSWORD set it.';
  }
  return error.message;
}

function LinkHint() {
  return (
    <section className="hint">
      <h2>Or open the link from the terminal</h2>
      <p className="quiet">
        The first start prints a sign-in link, which works once and within an hour. It begins with
      </p>
      <code className="code">{window.location.origin}/auth/link?token=…</code>
    </section>
  );
}

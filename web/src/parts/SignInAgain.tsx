import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useId, useState, useSyncExternalStore } from 'react';
import { ApiError } from '../client/http.ts';
import { meQuery, signIn } from '../client/session.ts';
import type { Me } from '../client/session.ts';
import { isSignedOut, setSignedOut, subscribeToSignedOut } from '../client/signed-out.ts';
import { Dialog } from './Dialog.tsx';

/** Asks for the password over the page as it is, once the session has ended: what was typed is not lost. */
export function SignInAgain() {
  const signedOut = useSyncExternalStore(subscribeToSignedOut, isSignedOut);
  const me = useQueryClient().getQueryData<Me>(meQuery.queryKey);
  return signedOut && me !== undefined ? <SignInDialog username={me.username} /> : null;
}

function SignInDialog({ username }: { readonly username: string }) {
  const [password, setPassword] = useState('');
  const router = useRouter();
  const queries = useQueryClient();
  const id = useId();
  const attempt = useMutation({
    mutationFn: async () => {
      await signIn(username, password);
      setSignedOut(false);
      await queries.invalidateQueries();
    },
  });
  const leave = () => {
    const next = router.latestLocation.href;
    queries.clear();
    setSignedOut(false);
    void router.navigate({ to: '/sign-in', search: next === '/' ? {} : { next } });
  };
  return (
    <Dialog title="Sign in again" onClose={stay}>
      <p className="quiet">Your session has ended. What stands on the page is not lost.</p>
      <form
        className="review-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (password !== '' && !attempt.isPending) attempt.mutate();
        }}
      >
        <input type="hidden" name="username" value={username} autoComplete="username" readOnly />
        <div className="field">
          <label htmlFor={id}>Password of {username}</label>
          <input
            id={id}
            className="input"
            type="password"
            value={password}
            autoComplete="current-password"
            data-first-focus
            {...(attempt.isError ? { 'aria-describedby': `${id}-error` } : {})}
            onChange={(event) => setPassword(event.target.value)}
          />
        </div>
        {attempt.isError && (
          <p className="notice stop" id={`${id}-error`} role="alert">
            {attempt.error instanceof ApiError && attempt.error.status === 401
              ? 'The password is wrong.'
              : attempt.error.message}
          </p>
        )}
        <div className="dialog-foot">
          <button type="button" className="button plain" onClick={leave}>
            Sign in as somebody else
          </button>
          <button
            type="submit"
            className="button primary"
            disabled={password === '' || attempt.isPending}
          >
            Sign in
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Escape would leave a page that can read nothing. */
function stay(): void {
  return undefined;
}

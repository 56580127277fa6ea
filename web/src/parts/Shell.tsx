import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { registryStatsQuery } from '../client/connect.ts';
import { meQuery } from '../client/session.ts';
import { Mark } from './Mark.tsx';
import { ShortcutSheet } from './ShortcutSheet.tsx';
import { Toasts } from './Toasts.tsx';
import { useShortcuts } from './use-shortcuts.ts';

/** The menu beside every page. */
export function Shell() {
  const [sheet, setSheet] = useState(false);
  const navigate = useNavigate();
  const go = 'Go to';
  useShortcuts([
    { keys: 'g d', label: 'Discovery', group: go, run: () => void navigate({ to: '/discovery' }) },
    { keys: 'g a', label: 'Agents', group: go, run: () => void navigate({ to: '/agents' }) },
    { keys: 'g t', label: 'Traces', group: go, run: () => void navigate({ to: '/traces' }) },
    { keys: 'g c', label: 'Connect', group: go, run: () => void navigate({ to: '/connect' }) },
    { keys: '?', label: 'This sheet', group: 'Everywhere', run: () => setSheet(true) },
  ]);
  return (
    <div className="app">
      <a className="button skip" href="#main">
        Skip to the page
      </a>
      <Menu onSheet={() => setSheet(true)} />
      <main id="main" className="main" tabIndex={-1}>
        <Outlet />
      </main>
      {sheet && <ShortcutSheet onClose={() => setSheet(false)} />}
      <Toasts />
    </div>
  );
}

function Menu({ onSheet }: { readonly onSheet: () => void }) {
  const stats = useQuery(registryStatsQuery);
  const me = useQuery(meQuery);
  const counts = stats.data?.by_status;
  const waiting = counts === undefined ? 0 : counts.UNREVIEWED + counts.PENDING_REVIEW;
  return (
    <nav className="menu" aria-label="Pages">
      <Link to="/" className="brand" aria-label="Signalbox">
        <Mark />
        <span>Signalbox</span>
      </Link>
      <ul>
        <li>
          <Link to="/discovery">
            Discovery
            {waiting > 0 && (
              <span className="waiting">
                {waiting > 999 ? '999+' : waiting}
                <span className="visually-hidden"> waiting for review</span>
              </span>
            )}
          </Link>
        </li>
        <li>
          <Link to="/agents">Agents</Link>
        </li>
        <li>
          <Link to="/traces">Traces</Link>
        </li>
        <li>
          <Link to="/connect">Connect</Link>
        </li>
      </ul>
      <div className="foot">
        <span className="who cut">{me.data?.username}</span>
        <button type="button" className="button plain" onClick={onSheet}>
          Theme and keys <kbd>?</kbd>
        </button>
        <button type="button" className="button plain narrow-only" onClick={onSheet}>
          More
        </button>
      </div>
    </nav>
  );
}

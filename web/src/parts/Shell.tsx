import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { openAnomaliesQuery } from '../client/anomalies.ts';
import { gatewayQuery } from '../client/approvals.ts';
import { registryStatsQuery } from '../client/connect.ts';
import { listenForChanges } from '../client/live.ts';
import { meQuery } from '../client/session.ts';
import { MENU, MENU_ENTRIES, MENU_FOOT } from '../menu.ts';
import type { MenuEntry } from '../menu.ts';
import { Mark } from './Mark.tsx';
import { Palette } from './Palette.tsx';
import { ShortcutSheet } from './ShortcutSheet.tsx';
import { SignInAgain } from './SignInAgain.tsx';
import { SilenceNotice } from './SilenceNotice.tsx';
import { Toasts } from './Toasts.tsx';
import { isApple } from '../shortcuts.ts';
import { useShortcuts } from './use-shortcuts.ts';

/** The menu beside every page. */
export function Shell() {
  const [sheet, setSheet] = useState(false);
  const [palette, setPalette] = useState(false);
  const navigate = useNavigate();
  const queries = useQueryClient();
  useEffect(() => listenForChanges(queries), [queries]);
  usePaletteKey(() => setPalette(true));
  useShortcuts([
    ...MENU_ENTRIES.map(({ to, label, key }) => ({
      keys: `g ${key}`,
      label,
      group: 'Go to',
      run: () => void navigate({ to }),
    })),
    { keys: '?', label: 'This sheet', group: 'Everywhere', run: () => setSheet(true) },
  ]);
  return (
    <div className="app">
      <a className="button skip" href="#main">
        Skip to the page
      </a>
      <Menu onSheet={() => setSheet(true)} onPalette={() => setPalette(true)} />
      <main id="main" className="main" tabIndex={-1}>
        <Outlet />
      </main>
      {sheet && <ShortcutSheet onClose={() => setSheet(false)} />}
      {palette && <Palette onClose={() => setPalette(false)} />}
      <SignInAgain />
      <SilenceNotice />
      <Toasts />
    </div>
  );
}

/** ⌘K or Ctrl-K, also from within a text field. */
function usePaletteKey(open: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || event.altKey || event.shiftKey) return;
      if (event.ctrlKey === event.metaKey || document.querySelector('dialog[open]') !== null)
        return;
      event.preventDefault();
      open();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  });
}

function Menu(props: { readonly onSheet: () => void; readonly onPalette: () => void }) {
  const me = useQuery(meQuery);
  const groups = useCurrentInView();
  return (
    <nav className="menu" aria-label="Pages">
      <Link to="/" className="brand" aria-label="Signalbox">
        <Mark />
        <span>Signalbox</span>
      </Link>
      <button type="button" className="button plain find" onClick={props.onPalette}>
        Go to … <kbd>{isApple() ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      <div className="groups" ref={groups}>
        {MENU.map(({ title, entries }) => (
          <MenuGroup key={title} title={title} entries={entries} />
        ))}
        <MenuGroup title="" entries={MENU_FOOT} />
      </div>
      <div className="foot">
        <span className="who cut">{me.data?.username}</span>
        <button type="button" className="button plain" onClick={props.onSheet}>
          Theme and keys <kbd>?</kbd>
        </button>
        <button type="button" className="button plain narrow-only" onClick={props.onSheet}>
          More
        </button>
      </div>
    </nav>
  );
}

/** The menu's line on a narrow window is scrolled to the page that is shown, so that it says where one is. */
function useCurrentInView() {
  const groups = useRef<HTMLDivElement>(null);
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  // The counts come after the page, and move what stands behind them.
  const registry = useQuery(registryStatsQuery).isFetched;
  const gateway = useQuery(gatewayQuery).isFetched;
  const anomalies = useQuery(openAnomaliesQuery).isFetched;
  useEffect(() => {
    const line = groups.current;
    const current = line?.querySelector<HTMLElement>('a.active');
    if (line === null || current === null || current === undefined) return;
    line.scrollLeft = current.offsetLeft - (line.clientWidth - current.offsetWidth) / 2;
  }, [path, registry, gateway, anomalies]);
  return groups;
}

function MenuGroup(props: { readonly title: string; readonly entries: readonly MenuEntry[] }) {
  const counts = useWaiting();
  return (
    <>
      {props.title !== '' && <h2>{props.title}</h2>}
      <ul>
        {props.entries.map(({ to, label, waiting }) => (
          <li key={to}>
            <Link to={to} activeOptions={{ exact: to === '/' }}>
              {label}
              {waiting !== undefined && <Waiting count={counts[waiting]} kind={waiting} />}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

const WAITING_WORDS = {
  review: 'waiting for review',
  approvals: 'waiting for a decision',
  anomalies: 'open',
} as const;

function Waiting(props: { readonly count: number; readonly kind: keyof typeof WAITING_WORDS }) {
  if (props.count === 0) return null;
  return (
    <span className="waiting">
      {props.count > 999 ? '999+' : props.count}
      <span className="visually-hidden"> {WAITING_WORDS[props.kind]}</span>
    </span>
  );
}

function useWaiting(): Readonly<Record<keyof typeof WAITING_WORDS, number>> {
  const counts = useQuery(registryStatsQuery).data?.by_status;
  return {
    review: counts === undefined ? 0 : counts.UNREVIEWED + counts.PENDING_REVIEW,
    approvals: useQuery(gatewayQuery).data?.approvals_pending ?? 0,
    anomalies: useQuery(openAnomaliesQuery).data ?? 0,
  };
}

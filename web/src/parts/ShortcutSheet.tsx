import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { signOut } from '../client/session.ts';
import { isApple, listShortcuts } from '../shortcuts.ts';
import type { Shortcut } from '../shortcuts.ts';
import { chooseTheme, currentTheme } from '../theme.ts';
import type { Theme } from '../theme.ts';
import { Dialog } from './Dialog.tsx';
import { say } from './Toasts.tsx';

const KEY_NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'esc',
  Enter: 'enter',
};

/** Listened for apart from the others, because it holds in text fields as well. */
const PALETTE: Shortcut = {
  keys: isApple() ? '⌘ K' : 'Ctrl K',
  label: 'Go to anything',
  group: 'Everywhere',
  run: () => undefined,
};

/** The keys of the page on screen, the theme, and the way out. */
export function ShortcutSheet({ onClose }: { readonly onClose: () => void }) {
  const [groups] = useState(() => groupShortcuts([PALETTE, ...listShortcuts()]));
  return (
    <Dialog title="Keys and theme" onClose={onClose} wide>
      <div className="shortcuts">
        {groups.map(([group, shortcuts]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {shortcuts.map((shortcut) => (
                <ShortcutLine key={shortcut.keys} shortcut={shortcut} />
              ))}
            </dl>
          </section>
        ))}
      </div>
      <ThemeChoice />
      <SheetFoot onClose={onClose} />
    </Dialog>
  );
}

function groupShortcuts(shortcuts: readonly Shortcut[]): [string, Shortcut[]][] {
  const groups = new Map<string, Shortcut[]>();
  for (const shortcut of shortcuts) {
    const group = groups.get(shortcut.group);
    if (group === undefined) groups.set(shortcut.group, [shortcut]);
    else if (!group.some((item) => item.label === shortcut.label)) group.push(shortcut);
  }
  return [...groups].sort(([a], [b]) => Number(a === 'Go to') - Number(b === 'Go to'));
}

function ShortcutLine({ shortcut }: { readonly shortcut: Shortcut }) {
  return (
    <>
      <dt>
        {shortcut.keys.split(' ').map((key) => (
          <kbd key={key}>{KEY_NAMES[key] ?? key}</kbd>
        ))}
      </dt>
      <dd>{shortcut.label}</dd>
    </>
  );
}

function ThemeChoice() {
  const [theme, setTheme] = useState<Theme>(currentTheme);
  const choose = (next: Theme) => {
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <div className="segments" role="group" aria-label="Theme">
      {(['system', 'light', 'dark'] as const).map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={theme === each}
          onClick={() => choose(each)}
          {...(each === theme ? { 'data-first-focus': true } : {})}
        >
          {{ system: 'As the system', light: 'Light', dark: 'Dark' }[each]}
        </button>
      ))}
    </div>
  );
}

function SheetFoot({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = async () => {
    try {
      await signOut();
      queries.clear();
      onClose();
      await navigate({ to: '/sign-in' });
    } catch (error) {
      say(`Not signed out: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return (
    <div className="dialog-foot">
      <button type="button" className="button plain" onClick={() => void leave()}>
        Sign out
      </button>
      <button type="button" className="button" onClick={onClose}>
        Close
      </button>
    </div>
  );
}

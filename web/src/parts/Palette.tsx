import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue, useId, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { agentsQuery } from '../client/agents.ts';
import { viewsQuery } from '../client/views.ts';
import { MENU_ENTRIES } from '../menu.ts';
import { rank, traceIdIn } from '../palette.ts';
import type { Command } from '../palette.ts';
import { parseSearch } from '../search-values.ts';
import { chooseTheme } from '../theme.ts';
import { Dialog } from './Dialog.tsx';
import { Foreign } from './Foreign.tsx';
import './Palette.css';

/** Everything by its name: pages, agents, a trace by its id, the theme. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const [current, setCurrent] = useState(0);
  const listId = useId();
  const commands = useCommands(useDeferredValue(text), onClose);
  const chosen = commands[Math.min(current, commands.length - 1)];
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && commands.length > 0) {
      setCurrent((current + step + commands.length) % commands.length);
      event.preventDefault();
    }
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) chosen?.run();
  };
  return (
    <Dialog title={<span className="visually-hidden">Go to anything</span>} onClose={onClose} wide>
      <input
        className="input palette-input"
        data-first-focus
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={chosen === undefined ? undefined : `${listId}-${chosen.id}`}
        aria-label="Go to anything"
        placeholder="A page, an agent, a view, a trace id …"
        value={text}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value);
          setCurrent(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={listId} role="listbox" aria-label="Found" className="palette-list">
        {commands.map((command) => (
          <li
            key={command.id}
            id={`${listId}-${command.id}`}
            role="option"
            aria-selected={command === chosen}
            onClick={command.run}
          >
            <Foreign text={command.label} charactersMax={100} />
            <span className="faint">{command.kind}</span>
          </li>
        ))}
      </ul>
      {commands.length === 0 && <p className="quiet">Nothing is called that.</p>}
    </Dialog>
  );
}

function useCommands(text: string, onClose: () => void): Command[] {
  const navigate = useNavigate();
  const search = text.trim();
  const agents = useQuery({
    ...agentsQuery({ search, limit: 8 }),
    enabled: search.length > 1,
  });
  const views = useQuery(viewsQuery);
  const then = (action: () => void) => () => {
    onClose();
    action();
  };
  const traceId = traceIdIn(text);
  if (traceId !== undefined) {
    const run = then(() => void navigate({ to: '/traces/$traceId', params: { traceId } }));
    return [{ id: 'trace', label: `Trace ${traceId}`, kind: 'Trace', run }];
  }
  const pages = MENU_ENTRIES.map(({ to, label, words }) => ({
    id: `page${to.replaceAll('/', '-')}`,
    label,
    words,
    kind: 'Page',
    run: then(() => void navigate({ to })),
  }));
  const themes = (['light', 'dark', 'system'] as const).map((theme) => ({
    id: `theme-${theme}`,
    label: { light: 'Light theme', dark: 'Dark theme', system: 'Theme of the system' }[theme],
    kind: 'Setting',
    run: then(() => chooseTheme(theme)),
  }));
  const found = (search.length > 1 ? (agents.data?.data ?? []) : []).map((agent) => ({
    id: `agent-${agent.agent_id}`,
    label: agent.name,
    kind: 'Agent',
    run: then(() => void navigate({ to: '/agents/$agentId', params: { agentId: agent.agent_id } })),
  }));
  const kept = (views.data ?? []).map((view) => ({
    id: `view-${view.id}`,
    label: view.name,
    words: `view ${view.page} ${view.owner}`,
    kind: `View of ${view.page}`,
    run: then(() => void navigate({ to: `/${view.page}`, search: parseSearch(view.search) })),
  }));
  // What the server found answers already, also where it matched an owner or a team.
  return [...rank([...pages, ...kept, ...themes], text, 8), ...found].slice(0, 14);
}

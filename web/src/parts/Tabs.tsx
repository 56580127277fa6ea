import { useRef } from 'react';
import type { ReactNode } from 'react';

/** Tabs over one panel: arrows move between them, as screen readers expect. */
export function Tabs<Id extends string>(props: {
  readonly label: string;
  readonly panelId: string;
  readonly tabs: readonly { readonly id: Id; readonly name: ReactNode }[];
  readonly selected: Id;
  readonly onSelect: (id: Id) => void;
  /** They are of the page and no panel's: without its padding. */
  readonly ofPage?: boolean;
}) {
  const { tabs, selected, onSelect } = props;
  const list = useRef<HTMLDivElement>(null);
  const step = (by: number) => {
    const at = tabs.findIndex(({ id }) => id === selected);
    const to = (at + by + tabs.length) % tabs.length;
    onSelect(tabs[to]!.id);
    list.current?.querySelectorAll('button')[to]?.focus();
  };
  return (
    <div
      className={props.ofPage === true ? 'tabs page-tabs' : 'tabs'}
      role="tablist"
      aria-label={props.label}
      ref={list}
    >
      {tabs.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          role="tab"
          aria-selected={id === selected}
          aria-controls={props.panelId}
          tabIndex={id === selected ? 0 : -1}
          onClick={() => onSelect(id)}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
            event.preventDefault();
            step(event.key === 'ArrowRight' ? 1 : -1);
          }}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

/** The parts of a page, as links: drawn as the tabs of a panel are, each with an address of its own. */
export function PageTabs(props: { readonly label: string; readonly children: ReactNode }) {
  return (
    <nav className="tabs page-tabs" aria-label={props.label}>
      {props.children}
    </nav>
  );
}

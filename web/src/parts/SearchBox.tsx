import { useEffect, useRef, useState } from 'react';
import { useShortcuts } from './use-shortcuts.ts';

const PAUSE_MS = 250;

/** A search field that `/` focuses; tells of a change after a pause in typing, or at once on Enter. */
export function SearchBox({
  value,
  label,
  placeholder,
  onChange,
}: {
  readonly value: string;
  readonly label: string;
  readonly placeholder: string;
  readonly onChange: (value: string) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [told, setTold] = useState(value);
  if (told !== value) {
    // The address changed by itself: back, forward, a link.
    setTold(value);
    if (text.trim() !== value) setText(value);
  }
  const tell = useRef(onChange);
  useEffect(() => {
    tell.current = onChange;
  });
  useEffect(() => {
    if (text.trim() === value) return undefined;
    const timer = setTimeout(() => tell.current(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value]);
  useShortcuts([
    { keys: '/', label: 'Search', group: 'Everywhere', run: () => input.current?.select() },
  ]);
  return (
    <div className="search">
      <input
        ref={input}
        className="input"
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={text}
        maxLength={256}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onChange(text.trim());
          if (event.key !== 'Escape') return;
          if (text !== '') setText('');
          else event.currentTarget.blur();
          event.preventDefault();
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}

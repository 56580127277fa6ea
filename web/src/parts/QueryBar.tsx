import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useId, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { formatCount } from '../format.ts';
import { keysFor, parseTyped } from '../query-text.ts';
import type { QueryKey } from '../query-text.ts';
import { Foreign } from './Foreign.tsx';
import { FilterChip } from './filters.tsx';
import { useShortcuts } from './use-shortcuts.ts';
import './QueryBar.css';

export interface Completed {
  readonly value: string;
  readonly count?: number;
}

export interface QueryBarProps {
  readonly label: string;
  readonly placeholder: string;
  readonly keys: readonly QueryKey[];
  /** What is asked for now, as key and value. */
  readonly asked: readonly (readonly [key: string, value: string])[];
  /** Other keys that contain a text, as attributes do; none where only `keys` can be asked for. */
  readonly moreKeys?: (part: string) => CompletedQuery;
  readonly values: (key: string, part: string) => CompletedQuery;
  /** Adds a condition. */
  readonly onAdd: (key: string, value: string) => void;
  readonly onRemove: (key: string, value: string) => void;
  /** Words without a key; not given where words cannot be searched for. */
  readonly onWords?: (words: string) => void;
}

/** How values are asked for, and what tells one question from another. */
export interface CompletedQuery {
  readonly key: readonly (string | undefined)[];
  readonly read: (signal: AbortSignal) => Promise<readonly Completed[]>;
}

interface Option {
  readonly id: string;
  /** What the field holds when it is chosen. */
  readonly text: string;
  readonly shown: string;
  readonly note: string;
  /** A key is only the beginning. */
  readonly isKey: boolean;
}

/** Time without a key press before the server is asked. */
const PAUSE_MS = 120;

/**
 * The conditions of a list as chips, and a field for one more that completes keys, then values. Typing only changes
 * the field: what is offered follows behind.
 */
export function QueryBar(props: QueryBarProps) {
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState(-1);
  const { options, hint, settled } = useOptions(props, text, open);
  useShortcuts([
    { keys: '/', label: 'Search', group: 'Everywhere', run: () => input.current?.focus() },
  ]);
  const change = (next: string, stayOpen = true) => {
    setText(next);
    setCurrent(-1);
    setOpen(stayOpen);
  };
  const choose = ({ text: chosen, isKey }: Option): void => {
    if (isKey) change(chosen);
    else if (ask(props, chosen)) change('', false);
    input.current?.focus();
  };
  const shows = open && (options.length > 0 || hint !== undefined);
  const bar: Bar = { props, text, open, options, current, change, choose, setCurrent, setOpen };
  return (
    <div
      className="query-bar"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      {props.asked.map(([key, value]) => (
        <FilterChip
          key={`${key}=${value}`}
          text={key === 'text' ? `“${value}”` : `${key}=${value}`}
          onRemove={() => props.onRemove(key, value)}
        />
      ))}
      <input
        ref={input}
        role="combobox"
        aria-label={props.label}
        aria-expanded={shows}
        aria-controls={listId}
        aria-activedescendant={shows && current >= 0 ? `${listId}-${current}` : undefined}
        aria-describedby={hint === undefined || !shows ? undefined : `${listId}-hint`}
        placeholder={props.asked.length === 0 ? props.placeholder : 'and …'}
        value={text}
        maxLength={512}
        autoComplete="off"
        spellCheck={false}
        onFocus={() => setOpen(true)}
        onClick={() => setOpen(true)}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => press(event, bar)}
      />
      <kbd aria-hidden="true">/</kbd>
      <Offers
        listId={listId}
        options={options}
        current={current}
        hint={hint}
        shown={shows}
        settled={settled}
        onChoose={choose}
      />
    </div>
  );
}

/** Adds what is typed to what is asked for; false where it cannot be asked for. */
function ask(props: QueryBarProps, typed: string): boolean {
  const { key, value } = parseTyped(typed);
  if (value === '') return false;
  if (key === undefined) {
    props.onWords?.(value);
    return props.onWords !== undefined;
  }
  const known = props.keys.find((each) => each.key === key);
  if (known === undefined && props.moreKeys === undefined) return false;
  if (known?.accepts?.(value) === false) return false;
  props.onAdd(key, value);
  return true;
}

interface Bar {
  readonly props: QueryBarProps;
  readonly text: string;
  readonly open: boolean;
  readonly options: readonly Option[];
  readonly current: number;
  readonly change: (next: string, stayOpen?: boolean) => void;
  readonly choose: (option: Option) => void;
  readonly setCurrent: (at: number) => void;
  readonly setOpen: (open: boolean) => void;
}

function press(event: KeyboardEvent<HTMLInputElement>, bar: Bar): void {
  const { props, text, open, options, current } = bar;
  const first = options[Math.max(0, current)];
  switch (event.key) {
    case 'ArrowDown':
    case 'ArrowUp': {
      if (options.length === 0) return;
      const down = event.key === 'ArrowDown';
      const from = current < 0 && !down ? 0 : current;
      bar.setOpen(true);
      bar.setCurrent((from + (down ? 1 : -1) + options.length) % options.length);
      break;
    }
    case 'Tab':
      if (!open || text === '' || first?.isKey !== true) return;
      bar.choose(first);
      break;
    case 'Enter': {
      if (event.nativeEvent.isComposing) return;
      const chosen = open ? options[current] : undefined;
      if (chosen !== undefined) bar.choose(chosen);
      else if (ask(props, text)) bar.change('', false);
      break;
    }
    case 'Escape':
      if (open && text !== '') bar.change('', false);
      else if (open) bar.setOpen(false);
      else event.currentTarget.blur();
      break;
    case 'Backspace': {
      const last = props.asked.at(-1);
      if (text !== '' || last === undefined) return;
      props.onRemove(...last);
      break;
    }
    default:
      return;
  }
  event.preventDefault();
}

function Offers(props: {
  readonly listId: string;
  readonly options: readonly Option[];
  readonly current: number;
  readonly hint: string | undefined;
  readonly shown: boolean;
  readonly settled: boolean;
  readonly onChoose: (option: Option) => void;
}) {
  const { listId, options, current, hint } = props;
  return (
    <div className="query-offers" hidden={!props.shown}>
      <ul id={listId} role="listbox" aria-label="What may follow" aria-busy={!props.settled}>
        {options.map((option, at) => (
          <li
            key={option.id}
            id={`${listId}-${at}`}
            role="option"
            aria-selected={at === current}
            // The field keeps the focus.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => props.onChoose(option)}
          >
            <Foreign text={option.shown} charactersMax={80} className="mono" />
            <span className="faint">{option.note}</span>
          </li>
        ))}
      </ul>
      {hint !== undefined && (
        <p id={`${listId}-hint`} className="quiet">
          {hint}
        </p>
      )}
    </div>
  );
}

function useOptions(
  props: QueryBarProps,
  text: string,
  open: boolean,
): { options: readonly Option[]; hint: string | undefined; settled: boolean } {
  const shown = useDeferredValue(text);
  const asked = useLater(shown, PAUSE_MS);
  const typed = parseTyped(shown);
  const known = props.keys.find(({ key }) => key === typed.key);
  const later = parseTyped(asked);
  const wanted =
    later.key === undefined ? props.moreKeys?.(later.value) : props.values(later.key, later.value);
  const isFixed = known?.values !== undefined || known?.hint !== undefined;
  const found = useQuery({
    queryKey: ['completion', ...(wanted?.key ?? [])],
    queryFn: ({ signal }): Promise<readonly Completed[]> =>
      wanted === undefined ? Promise.resolve([]) : wanted.read(signal),
    staleTime: 30_000,
    enabled: open && wanted !== undefined && !isFixed,
    placeholderData: keepPreviousData,
  });
  const settled = asked === text && !found.isFetching;
  const completed = found.data ?? [];
  if (typed.key === undefined) {
    const options = [
      ...(typed.value !== '' && props.onWords !== undefined
        ? [{ id: 'words', text: shown, shown: typed.value, note: 'search the words', isKey: false }]
        : []),
      ...keysFor(props.keys, typed.value).map(({ key, label }) => ({
        id: `key ${key}`,
        text: `${key}=`,
        shown: `${key}=`,
        note: label,
        isKey: true,
      })),
      ...(props.moreKeys === undefined || typed.value === '' ? [] : completed)
        .filter(({ value }) => !props.keys.some(({ key }) => key === value))
        .map(({ value }) => ({
          id: `attribute ${value}`,
          text: `${value}=`,
          shown: `${value}=`,
          note: 'attribute',
          isKey: true,
        })),
    ];
    return { options, settled, hint: hintForKey(props, typed.value, options.length) };
  }
  const values = known?.values?.map((value) => ({ value, count: undefined })) ?? completed;
  const options = (known?.hint !== undefined ? [] : values)
    .filter(({ value }) => value.toLowerCase().includes(typed.value.toLowerCase()))
    .map(({ value, count }) => ({
      id: `value ${value}`,
      text: `${typed.key}=${value}`,
      shown: value,
      note: count === undefined ? '' : formatCount(count),
      isKey: false,
    }));
  return {
    options,
    settled,
    hint: hintForValue(props, typed.key, typed.value, settled && options.length === 0),
  };
}

function hintForKey(props: QueryBarProps, value: string, options: number): string | undefined {
  if (value === '' || options > 0) return undefined;
  return `No field is called so. Write a field and a value, such as ${props.keys[0]?.key}=…`;
}

/** What to do where the value or the key is not known. */
function hintForValue(
  props: QueryBarProps,
  key: string,
  value: string,
  isEmpty: boolean,
): string | undefined {
  const known = props.keys.find((each) => each.key === key);
  if (known === undefined && props.moreKeys === undefined) {
    return `There is no field ${key}. Choose one of ${props.keys.map((each) => each.key).join(', ')}.`;
  }
  if (known?.hint !== undefined) {
    const wrong = value !== '' && known.accepts?.(value) === false;
    return wrong
      ? `“${value}” is none: write ${known.hint}.`
      : `${known.label}: ${known.hint}, then Enter.`;
  }
  if (!isEmpty) return undefined;
  if (known !== undefined)
    return `Nothing lately has this ${known.label.toLowerCase()}. Enter asks for it all the same.`;
  return value === ''
    ? `No span lately has the attribute ${key}. Look at a span’s attributes for how it is spelled.`
    : `No span lately has ${key} with such a value. Enter asks for it all the same; without “=” its words are searched.`;
}

/** The text as it was when nothing had been typed for a moment. */
function useLater(text: string, pauseMs: number): string {
  const [later, setLater] = useState(text);
  useEffect(() => {
    if (later === text) return undefined;
    const timer = setTimeout(() => setLater(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text, later, pauseMs]);
  return later;
}

import { useQuery } from '@tanstack/react-query';
import { useId, useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent, RefObject } from 'react';
import { PROMQL_AGGREGATIONS, PROMQL_FUNCTIONS } from '../../../../src/model/promql-functions.ts';
import { labelCompletionQuery } from '../../client/metrics.ts';
import type { Metric } from '../../client/metrics.ts';
import { Foreign } from '../../parts/Foreign.tsx';
import { completionAt, rankOffers } from '../../promql/completion.ts';
import type { Completion } from '../../promql/completion.ts';

const OFFERS_MAX = 10;

interface Offer {
  readonly text: string;
  /** What it is, beside it. */
  readonly about: string;
  /** Put in its place; the cursor goes behind it. */
  readonly insert: string;
}

interface QueryInputProps {
  readonly letter: string;
  readonly query: string;
  readonly metrics: readonly Metric[];
  readonly isInvalid: boolean;
  readonly onChange: (query: string) => void;
}

/** The text of a question, with what may be meant offered as it is typed. Enter asks. */
export function QueryInput(props: QueryInputProps) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const { text, offers, current, ...on } = useTyping(props, field);
  const isOpen = offers.length > 0;
  return (
    <div className="query-input">
      <textarea
        ref={field}
        className="input mono"
        rows={1}
        role="combobox"
        aria-label={`Query ${props.letter} in PromQL`}
        aria-expanded={isOpen}
        aria-controls={`${id}-offers`}
        aria-autocomplete="list"
        aria-invalid={props.isInvalid}
        {...(isOpen ? { 'aria-activedescendant': `${id}-${current}` } : {})}
        placeholder="PromQL, such as sum by (service_name) (rate(…[5m]))"
        value={text}
        maxLength={4096}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        onChange={({ target }) => on.type(target.value, target.selectionStart)}
        onBlur={on.close}
        onKeyDown={on.key}
      />
      <OfferList id={id} offers={offers} current={current} onTake={on.take} />
    </div>
  );
}

/** What is typed, before it is asked, and what is offered for it. */
function useTyping(
  { query, metrics, onChange }: QueryInputProps,
  field: RefObject<HTMLTextAreaElement | null>,
) {
  const [text, setText] = useState(query);
  const [seen, setSeen] = useState(query);
  const [cursor, setCursor] = useState<number>();
  const [chosen, setChosen] = useState(0);
  if (seen !== query) {
    setSeen(query);
    setText(query);
  }
  const completion = cursor === undefined ? undefined : completionAt(text, cursor);
  const offers = useOffers(completion, metrics);
  const current = Math.min(chosen, offers.length - 1);
  // Where the cursor goes once the field has the text: before a next letter can be typed.
  const place = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (place.current === undefined) return;
    field.current?.setSelectionRange(place.current, place.current);
    place.current = undefined;
  });
  const close = () => {
    setCursor(undefined);
    setChosen(0);
  };
  const ask = () => {
    close();
    if (text.trim() !== query) onChange(text.trim());
  };
  const take = (offer: Offer) => {
    if (completion === undefined || cursor === undefined) return;
    setText(text.slice(0, completion.from) + offer.insert + text.slice(cursor));
    close();
    place.current = completion.from + offer.insert.length;
    field.current?.focus();
  };
  const key = (event: KeyboardEvent) => {
    const act = actOf(event, { isOpen: offers.length > 0, hasChosen: chosen > 0 });
    if (act === undefined) return;
    event.preventDefault();
    if (act === 'ask') ask();
    else if (act === 'take') take(offers[current]!);
    else if (act === 'close') close();
    else if (act === 'leave') field.current?.blur();
    else setChosen((current + (act === 'next' ? 1 : -1) + offers.length) % offers.length);
  };
  const type = (next: string, at: number) => {
    setText(next);
    setCursor(at);
    setChosen(0);
  };
  return { text, offers, current, type, key, take, close };
}

type Act = 'ask' | 'take' | 'close' | 'leave' | 'next' | 'previous';

/** What a key does. Enter asks, unless an offer was moved to; Tab takes the first offer. */
function actOf(
  { key, shiftKey }: KeyboardEvent,
  { isOpen, hasChosen }: { readonly isOpen: boolean; readonly hasChosen: boolean },
): Act | undefined {
  if (key === 'Enter') return isOpen && hasChosen ? 'take' : shiftKey ? undefined : 'ask';
  if (key === 'Escape') return isOpen ? 'close' : 'leave';
  if (!isOpen) return undefined;
  if (key === 'Tab') return 'take';
  return key === 'ArrowDown' ? 'next' : key === 'ArrowUp' ? 'previous' : undefined;
}

function OfferList(props: {
  readonly id: string;
  readonly offers: readonly Offer[];
  readonly current: number;
  readonly onTake: (offer: Offer) => void;
}) {
  const { id, offers, current, onTake } = props;
  return (
    <ul
      id={`${id}-offers`}
      role="listbox"
      aria-label="Completions"
      className="offers"
      hidden={offers.length === 0}
    >
      {offers.map((offer, at) => (
        <li
          key={offer.text}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === current}
          // The field keeps the focus.
          onMouseDown={(event) => {
            event.preventDefault();
            onTake(offer);
          }}
        >
          <span className="mono">
            <Foreign text={offer.text} charactersMax={70} />
          </span>
          <span className="faint">{offer.about}</span>
        </li>
      ))}
    </ul>
  );
}

function useOffers(
  completion: Completion | undefined,
  metrics: readonly Metric[],
): readonly Offer[] {
  const metric = completion === undefined || completion.kind === 'name' ? '' : completion.metric;
  const label = completion?.kind === 'value' ? completion.label : undefined;
  const labels = useQuery({
    ...labelCompletionQuery(metric, label),
    enabled: completion !== undefined && completion.kind !== 'name',
  });
  if (completion === undefined) return [];
  if (completion.kind === 'name') return nameOffers(completion.word, metrics);
  const own = (labels.data ?? []).filter((name) => name !== '__name__');
  return rankOffers(own, completion.word, OFFERS_MAX)
    .filter((text) => text !== completion.word)
    .map((text) => ({
      text,
      about: completion.kind === 'value' ? '' : 'label',
      insert: completion.kind === 'value' ? JSON.stringify(text).slice(1, -1) : text,
    }));
}

function nameOffers(word: string, metrics: readonly Metric[]): readonly Offer[] {
  const about = new Map<string, string>();
  for (const { series_names: names, type, monotonic } of metrics) {
    for (const name of names)
      about.set(name, type === 'sum' && monotonic ? 'counter' : typeWord(type));
  }
  const names = rankOffers([...about.keys()], word, OFFERS_MAX);
  const functions = [...PROMQL_AGGREGATIONS, ...Object.keys(PROMQL_FUNCTIONS)];
  const called = rankOffers(functions, word, OFFERS_MAX).filter((name) =>
    name.startsWith(word.toLowerCase()),
  );
  const offers = [
    ...called.map((text) => ({
      text,
      about: PROMQL_FUNCTIONS[text]?.help ?? 'aggregation',
      insert: `${text}(`,
    })),
    ...names.map((text) => ({ text, about: about.get(text)!, insert: text })),
  ];
  return offers.filter(({ text }) => text !== word).slice(0, OFFERS_MAX);
}

const typeWord = (type: Metric['type']): string => type.replace('_', ' ');

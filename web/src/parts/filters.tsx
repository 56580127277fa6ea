import { useId, useState } from 'react';
import { DEFAULT_RANGE, RANGE_NAMES, TIME_RANGES } from '../search-values.ts';
import type { RangeSearch, TimeRange } from '../search-values.ts';
import './filters.css';

/** The span of time that a list is of. */
export function RangeChoice(props: {
  readonly search: RangeSearch;
  readonly ranges?: readonly TimeRange[];
  /** What an address without a range means. */
  readonly byDefault?: TimeRange;
  readonly onChange: (next: RangeSearch) => void;
}) {
  const { search, onChange, ranges = TIME_RANGES, byDefault = DEFAULT_RANGE } = props;
  const isCustom = search.from !== undefined || search.to !== undefined;
  return (
    <select
      className="input range"
      aria-label="Time range"
      value={isCustom ? 'custom' : (search.range ?? byDefault)}
      onChange={(event) => {
        const range = event.target.value as TimeRange;
        onChange({
          range: range === byDefault ? undefined : range,
          from: undefined,
          to: undefined,
        });
      }}
    >
      {isCustom && <option value="custom">As in the address</option>}
      {ranges.map((range) => (
        <option key={range} value={range}>
          {RANGE_NAMES[range]}
        </option>
      ))}
    </select>
  );
}

/** A condition that holds until it is removed. */
export function FilterChip(props: { readonly text: string; readonly onRemove: () => void }) {
  return (
    <span className="filter chip">
      <bdi className="foreign mono cut">{props.text}</bdi>
      <button type="button" aria-label={`Remove ${props.text}`} onClick={props.onRemove}>
        ×
      </button>
    </span>
  );
}

/** Turns a list that follows what comes on and off. */
export function LiveSwitch(props: {
  readonly live: boolean;
  readonly onChange: (live: true | undefined) => void;
}) {
  const { live } = props;
  return (
    <button
      type="button"
      className="button small plain live"
      aria-pressed={live}
      onClick={() => props.onChange(live ? undefined : true)}
    >
      <span className={live ? 'dot clear' : 'dot'} aria-hidden="true" />
      Live
    </button>
  );
}

/** A small field that takes effect on Enter or when it is left. */
export function TextFilter(props: {
  readonly label: string;
  readonly value: string | undefined;
  /** What the label is about, for those who do not see the fields side by side. */
  readonly means?: string;
  readonly hint?: string;
  readonly short?: boolean;
  /** What may be meant. */
  readonly offers?: readonly string[];
  /** Told of what is typed, before it takes effect. */
  readonly onType?: (text: string) => void;
  readonly accepts?: (text: string) => boolean;
  readonly onChange: (value: string | undefined) => void;
}) {
  const id = useId();
  const [text, setText] = useState(props.value ?? '');
  const [seen, setSeen] = useState(props.value);
  if (seen !== props.value) {
    setSeen(props.value);
    setText(props.value ?? '');
  }
  const wanted = text.trim();
  const valid = wanted === '' || (props.accepts?.(wanted) ?? true);
  const apply = () => {
    const next = wanted === '' ? undefined : wanted;
    if (valid && next !== props.value) props.onChange(next);
  };
  return (
    <div className={props.short === true ? 'filter short' : 'filter'} data-set={wanted !== ''}>
      <label htmlFor={id}>
        {props.means !== undefined && <span className="visually-hidden">{props.means} </span>}
        {props.label}
      </label>
      <input
        id={id}
        value={text}
        placeholder={props.hint ?? 'any'}
        autoComplete="off"
        spellCheck={false}
        maxLength={256}
        aria-invalid={!valid}
        list={`${id}-offers`}
        onChange={(event) => {
          setText(event.target.value);
          props.onType?.(event.target.value);
        }}
        onBlur={apply}
        onKeyDown={(event) => {
          if (event.key === 'Enter') apply();
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <datalist id={`${id}-offers`}>
        {(props.offers ?? []).map((offer) => (
          <option key={offer} value={offer} />
        ))}
      </datalist>
    </div>
  );
}

import { useId, useState } from 'react';
import {
  DEFAULT_RANGE,
  RANGE_NAMES,
  TIME_RANGES,
  isAttributeFilter,
  parseDurationNs,
} from '../url-search.ts';
import type { TimeRange, TraceStatus, TracesSearch } from '../url-search.ts';
import './TraceFilters.css';

interface FilterProps {
  readonly search: TracesSearch;
  readonly onChange: (next: Partial<TracesSearch>) => void;
}

/** The filters of the traces list; each change goes into the address. */
export function TraceFilters({ search, onChange }: FilterProps) {
  return (
    <div className="toolbar filters">
      <RangeChoice search={search} onChange={onChange} />
      <StatusChoice search={search} onChange={onChange} />
      <TextFilter label="Agent" value={search.agent} onChange={(agent) => onChange({ agent })} />
      <TextFilter
        label="Service"
        value={search.service}
        onChange={(service) => onChange({ service })}
      />
      <TextFilter label="Model" value={search.model} onChange={(model) => onChange({ model })} />
      <TextFilter
        label="Over"
        means="Duration"
        hint="2s"
        short
        value={search.min}
        accepts={(text) => parseDurationNs(text) !== undefined}
        onChange={(min) => onChange({ min })}
      />
      <TextFilter
        label="Under"
        means="Duration"
        hint="1min"
        short
        value={search.max}
        accepts={(text) => parseDurationNs(text) !== undefined}
        onChange={(max) => onChange({ max })}
      />
      <AttributeFilters search={search} onChange={onChange} />
      <button
        type="button"
        className="button small plain live"
        aria-pressed={search.live === true}
        onClick={() => onChange({ live: search.live === true ? undefined : true })}
      >
        <span className={search.live === true ? 'dot clear' : 'dot'} aria-hidden="true" />
        Live
      </button>
    </div>
  );
}

function RangeChoice({ search, onChange }: FilterProps) {
  const isCustom = search.from !== undefined || search.to !== undefined;
  return (
    <select
      className="input range"
      aria-label="Time range"
      value={isCustom ? 'custom' : (search.range ?? DEFAULT_RANGE)}
      onChange={(event) => {
        const range = event.target.value as TimeRange;
        onChange({
          range: range === DEFAULT_RANGE ? undefined : range,
          from: undefined,
          to: undefined,
        });
      }}
    >
      {isCustom && <option value="custom">As in the address</option>}
      {TIME_RANGES.map((range) => (
        <option key={range} value={range}>
          {RANGE_NAMES[range]}
        </option>
      ))}
    </select>
  );
}

const STATUS_CHOICES: readonly (readonly [TraceStatus | undefined, string])[] = [
  [undefined, 'All'],
  ['error', 'Failed'],
  ['ok', 'Fine'],
];

function StatusChoice({ search, onChange }: FilterProps) {
  return (
    <div className="segments" role="group" aria-label="Status">
      {STATUS_CHOICES.map(([status, label]) => (
        <button
          key={label}
          type="button"
          aria-pressed={search.status === status}
          onClick={() => onChange({ status })}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

/** A small field that takes effect on Enter or when it is left. */
function TextFilter(props: {
  readonly label: string;
  readonly value: string | undefined;
  /** What the label is about, for those who do not see the fields side by side. */
  readonly means?: string;
  readonly hint?: string;
  readonly short?: boolean;
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
        onChange={(event) => setText(event.target.value)}
        onBlur={apply}
        onKeyDown={(event) => {
          if (event.key === 'Enter') apply();
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
    </div>
  );
}

function AttributeFilters({ search, onChange }: FilterProps) {
  const attributes = search.attr ?? [];
  const change = (next: readonly string[]) =>
    onChange({ attr: next.length === 0 ? undefined : [...new Set(next)] });
  return (
    <>
      {attributes.map((attribute) => (
        <span key={attribute} className="filter chip">
          <bdi className="foreign mono cut">{attribute}</bdi>
          <button
            type="button"
            aria-label={`Remove ${attribute}`}
            onClick={() => change(attributes.filter((each) => each !== attribute))}
          >
            ×
          </button>
        </span>
      ))}
      <TextFilter
        label="Attribute"
        hint="key=value"
        value={undefined}
        accepts={isAttributeFilter}
        onChange={(added) => {
          if (added !== undefined) change([...attributes, added]);
        }}
        key={attributes.join('\n')}
      />
    </>
  );
}

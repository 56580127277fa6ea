import { useId } from 'react';
import type { ReactNode } from 'react';
import './fields.css';

/** Labelled fields of forms, beside the one for text in FormDialog.tsx. */

export function SelectField<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, name: string])[];
  readonly onChange: (value: Value) => void;
  readonly first?: boolean;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <select
        id={id}
        className="input"
        value={props.value}
        {...(props.first === true ? { 'data-first-focus': true } : {})}
        onChange={(event) => props.onChange(event.target.value as Value)}
      >
        {props.options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A number, or nothing: null. */
export function NumberField(props: {
  readonly label: ReactNode;
  readonly disabled?: boolean;
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  readonly least?: number;
  readonly most?: number;
  readonly placeholder?: string;
}) {
  const id = useId();
  return (
    <div className="field number">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        className="input num"
        type="number"
        step="any"
        disabled={props.disabled === true}
        min={props.least}
        max={props.most}
        placeholder={props.placeholder ?? 'none'}
        value={props.value ?? ''}
        onChange={(event) => {
          const number = event.target.valueAsNumber;
          props.onChange(Number.isNaN(number) ? null : number);
        }}
      />
    </div>
  );
}

/** Several texts, one a line. Empty lines are kept while one types. */
export function LinesField(props: {
  readonly label: string;
  readonly lines: readonly string[];
  readonly onChange: (lines: readonly string[]) => void;
  readonly placeholder?: string;
  readonly rows?: number;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <textarea
        id={id}
        className="input lines mono"
        rows={props.rows ?? 3}
        spellCheck={false}
        placeholder={props.placeholder}
        value={props.lines.join('\n')}
        onChange={(event) => {
          const text = event.target.value;
          props.onChange(text === '' ? [] : text.split('\n'));
        }}
      />
    </div>
  );
}

export function CheckField(props: {
  readonly label: ReactNode;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
}) {
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled === true}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      {props.label}
    </label>
  );
}

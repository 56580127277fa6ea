import type { ReactNode } from 'react';
import { CodeBlock } from '../../parts/CodeBlock.tsx';

/** A form above a list that makes one more, and shows its secret this once. */
export function CreateForm(props: {
  readonly label: string;
  readonly field: {
    readonly id: string;
    readonly value: string;
    readonly charactersMax: number;
    readonly placeholder?: string;
    readonly onChange: (value: string) => void;
  };
  readonly verb: string;
  readonly ready?: boolean;
  readonly making: {
    readonly isPending: boolean;
    readonly error: Error | null;
    readonly mutate: () => void;
  };
  /** What was made, if it has a secret. */
  readonly secret: { readonly title: string; readonly text: string } | undefined;
  /** Between the name and the button, and below both. */
  readonly beside?: ReactNode;
  readonly below?: ReactNode;
}) {
  const { field, making, secret } = props;
  const ready = field.value.trim() !== '' && props.ready !== false && !making.isPending;
  return (
    <>
      {secret !== undefined && (
        <div className="secret" role="status">
          <b>{secret.title}</b>
          <CodeBlock label="Secret" code={secret.text} />
        </div>
      )}
      <form
        className="settings-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) making.mutate();
        }}
      >
        <div className="field">
          <label htmlFor={field.id}>{props.label}</label>
          <input
            id={field.id}
            className="input"
            value={field.value}
            maxLength={field.charactersMax}
            placeholder={field.placeholder}
            autoComplete="off"
            onChange={(event) => field.onChange(event.target.value)}
          />
        </div>
        {props.beside}
        <button type="submit" className="button primary" disabled={!ready}>
          {props.verb}
        </button>
        {props.below}
        {making.error !== null && (
          <p className="notice stop" role="alert">
            {making.error.message}
          </p>
        )}
      </form>
    </>
  );
}

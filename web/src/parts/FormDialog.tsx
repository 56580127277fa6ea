import { useId } from 'react';
import type { ReactNode } from 'react';
import { Dialog } from './Dialog.tsx';

/** A dialog that asks for something and sends it; what is wrong stays in it until it is right. */
export function FormDialog(props: {
  readonly title: ReactNode;
  readonly verb: string;
  readonly ready: boolean;
  readonly sending: { readonly isPending: boolean; readonly error: Error | null };
  readonly onSend: () => void;
  readonly onClose: () => void;
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  const { isPending, error } = props.sending;
  return (
    <Dialog title={props.title} onClose={props.onClose} wide={props.wide === true}>
      <form
        className="review-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (props.ready && !isPending) props.onSend();
        }}
      >
        {props.children}
        {error !== null && (
          <p className="notice stop" role="alert">
            {error.message}
          </p>
        )}
        <div className="dialog-foot">
          <button type="button" className="button" onClick={props.onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={!props.ready || isPending}>
            {props.verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** A labelled text field. */
export function TextField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly decimal?: boolean;
  readonly first?: boolean;
  readonly placeholder?: string;
  readonly type?: 'text' | 'password' | 'date';
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        className="input"
        type={props.type ?? 'text'}
        value={props.value}
        maxLength={256}
        autoComplete={props.type === 'password' ? 'new-password' : 'off'}
        placeholder={props.placeholder}
        {...(props.decimal === true ? { inputMode: 'decimal' as const } : {})}
        {...(props.first === true ? { 'data-first-focus': true } : {})}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </div>
  );
}

import { useEffect, useState } from 'react';

const ARMED_MS = 4_000;

/** A button that asks once more in its own place, and forgets that it asked after a few seconds. */
export function ConfirmButton(props: {
  readonly label: string;
  readonly sure: string;
  readonly disabled?: boolean;
  readonly onSure: () => void;
}) {
  const [armed, setArmed] = useState(false);
  useEffect(() => {
    if (!armed) return undefined;
    const timer = setTimeout(() => setArmed(false), ARMED_MS);
    return () => clearTimeout(timer);
  }, [armed]);
  return (
    <button
      type="button"
      className={armed ? 'button small danger' : 'button small plain'}
      disabled={props.disabled === true}
      onBlur={() => setArmed(false)}
      onClick={() => {
        if (armed) props.onSure();
        setArmed(!armed);
      }}
    >
      {armed ? props.sure : props.label}
    </button>
  );
}

import { useEffect, useState } from 'react';

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** The clipboard's interface is missing on plain http from another machine; a selection still copies there. */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  return copied;
}

export function CopyButton({
  text,
  label = 'Copy',
  className = '',
}: {
  readonly text: string | (() => string | Promise<string>);
  readonly label?: string;
  readonly className?: string;
}) {
  const [said, setSaid] = useState<string>();
  useEffect(() => {
    if (said === undefined) return undefined;
    const timer = setTimeout(() => setSaid(undefined), 1600);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    try {
      const copied = await copyText(typeof text === 'string' ? text : await text());
      setSaid(copied ? 'Copied' : 'Not copied');
    } catch {
      // What was to be copied could not be read.
      setSaid('Not copied');
    }
  };
  return (
    <button type="button" className={`button copy ${className}`} onClick={() => void copy()}>
      {/* Both words keep their place, so that the button does not jump. */}
      <span className="stack">
        <span aria-hidden={said !== undefined} className={said === undefined ? '' : 'away'}>
          {label}
        </span>
        <span role="status" className={said === undefined ? 'away' : ''}>
          {said ?? ''}
        </span>
      </span>
    </button>
  );
}

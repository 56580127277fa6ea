import { useState } from 'react';
import { formatBytes } from '../format.ts';
import { splitVisible } from '../../../src/model/visible-characters.ts';
import { clip, visibleText } from '../visible-text.ts';
import { CopyButton } from './CopyButton.tsx';

/** Text that telemetry brought, on one line: isolated, with hidden characters as escapes, cut at `charactersMax`. */
export function Foreign({
  text,
  charactersMax = 300,
  className = '',
}: {
  readonly text: string;
  readonly charactersMax?: number;
  readonly className?: string;
}) {
  const { shown, hiddenCount } = clip(text, charactersMax);
  return (
    <bdi
      className={`foreign ${className}`}
      title={text.length > 24 ? visibleText(text, 1000) : undefined}
    >
      <Segments text={shown} />
      {hiddenCount > 0 && '…'}
    </bdi>
  );
}

function Segments({ text }: { readonly text: string }) {
  return splitVisible(text).map((segment, index) =>
    segment.escaped ? (
      // Segments of one text never move, so their places are their identity.
      <span key={index} className="escape">
        {segment.text}
      </span>
    ) : (
      segment.text
    ),
  );
}

const FIRST_CHARACTERS = 1200;
const SHOWN_CHARACTERS_MAX = 200_000;

/** A long value: its beginning, "Show all" up to what a page can bear, and a button that copies the whole. */
export function ForeignBlock({
  text,
  mono = true,
}: {
  readonly text: string;
  readonly mono?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const { shown, hiddenCount } = clip(text, open ? SHOWN_CHARACTERS_MAX : FIRST_CHARACTERS);
  const size = formatBytes(text.length);
  return (
    <div className="foreign-block">
      <div className={mono ? 'foreign mono text' : 'foreign text'} dir="auto">
        <Segments text={shown} />
        {hiddenCount > 0 && <span className="faint">…</span>}
      </div>
      {(hiddenCount > 0 || open) && (
        <div className="more">
          {!open && (
            <button type="button" className="button small" onClick={() => setOpen(true)}>
              Show all ({size})
            </button>
          )}
          {open && hiddenCount > 0 && (
            <span className="faint">
              {size}; the first {formatBytes(SHOWN_CHARACTERS_MAX)} are shown.
            </span>
          )}
          {open && (
            <button type="button" className="button small" onClick={() => setOpen(false)}>
              Show less
            </button>
          )}
          <CopyButton text={text} className="small" label="Copy whole" />
        </div>
      )}
    </div>
  );
}

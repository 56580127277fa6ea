import type { ReactNode } from 'react';
import type { InlineImage, PartKind } from '../../../src/model/message-shape.ts';
import { Foreign, ForeignBlock } from '../parts/Foreign.tsx';
import { Picture } from '../parts/Picture.tsx';
import './MessageTurn.css';

/** A part of what was said; the result of a tool stands with its call. */
export interface TurnPart {
  readonly kind: PartKind;
  readonly text: string;
  readonly name?: string | null | undefined;
  readonly cached: boolean;
  readonly image?: InlineImage | undefined;
  /** The server gave only the beginning. */
  readonly truncated?: boolean | undefined;
  readonly result?: { readonly text: string; readonly truncated: boolean } | null | undefined;
}

/** One message of a conversation: who said it, and what. */
export function MessageTurn(props: {
  readonly role: string;
  /** Shown beside the role; '' shows nothing. */
  readonly agent: string;
  readonly parts: readonly TurnPart[];
  readonly selected?: boolean;
  readonly action: ReactNode;
}) {
  return (
    <li className="turn" data-role={props.role} data-selected={props.selected === true}>
      <div className="turn-head">
        <b>
          <Foreign text={props.role} charactersMax={30} />
        </b>
        {props.agent !== '' && (
          <span className="faint">
            <Foreign text={props.agent} charactersMax={60} />
          </span>
        )}
        {props.action}
      </div>
      {props.parts.map((part, at) => (
        <PartBlock key={at} part={part} />
      ))}
    </li>
  );
}

function PartBlock({ part }: { readonly part: TurnPart }) {
  const { kind, name, result } = part;
  const plain = kind === 'text' || kind === 'reasoning';
  return (
    <div className={`part ${kind.replace(' ', '-')}`}>
      {(kind !== 'text' || part.cached) && (
        <div className="part-head faint">
          {kind === 'text' ? '' : kind}{' '}
          {name !== undefined && name !== null && (
            <span className="mono">
              <Foreign text={name} charactersMax={80} />
            </span>
          )}
          {part.cached && <span className="tag">cached</span>}
        </div>
      )}
      {(part.text !== '' || kind !== 'tool call') && (
        <ForeignBlock text={part.text} mono={!plain} />
      )}
      {part.image !== undefined && <Picture image={part.image} label={part.text} />}
      {part.truncated === true && <Cut />}
      {kind === 'tool call' && result !== undefined && result !== null && (
        <>
          <div className="part-head faint">result</div>
          <ForeignBlock text={result.text} />
          {result.truncated && <Cut />}
        </>
      )}
    </div>
  );
}

function Cut() {
  return <p className="faint">Its beginning; the span has the whole.</p>;
}

import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Foreign } from '../parts/Foreign.tsx';
import type { SpanTree } from '../span-tree.ts';

/** The conversation that the trace belongs to, among the facts of a trace; nothing where no span names one. */
export function TraceConversation({ tree }: { readonly tree: SpanTree }) {
  const id = useMemo(() => {
    const code = tree.coded.conversation.find((each) => each !== 0);
    return code === undefined ? undefined : tree.words[code];
  }, [tree]);
  if (id === undefined) return null;
  return (
    <li>
      <Link to="/conversations/$conversationId" params={{ conversationId: id }} className="link">
        conversation{' '}
        <span className="mono">
          <Foreign text={id} charactersMax={32} />
        </span>
      </Link>
    </li>
  );
}

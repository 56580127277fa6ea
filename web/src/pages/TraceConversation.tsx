import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Foreign } from '../parts/Foreign.tsx';
import type { SpanTree } from '../span-tree.ts';

/** The conversation that the trace belongs to, among the facts of a trace; nothing where no span names one. */
export function TraceConversation({ tree }: { readonly tree: SpanTree }) {
  const id = useMemo(() => {
    for (const { genai } of tree.spans) {
      const said = genai?.conversation;
      if (said !== undefined && said !== null && said !== '') return said;
    }
    return undefined;
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

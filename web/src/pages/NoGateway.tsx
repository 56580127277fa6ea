import { CodeBlock } from '../parts/CodeBlock.tsx';
import { EmptyState } from '../parts/States.tsx';

/** What stands on the gateway's pages of a server that runs none. */
export function NoGateway() {
  return (
    <section className="panel">
      <EmptyState title="This server runs no gateway">
        <p className="quiet">
          With one, the tool calls of your agents pass through rules that allow, deny or ask you.
        </p>
        <CodeBlock label="Start with a gateway" code="npm start -- --gateway gateway.yaml" />
      </EmptyState>
    </section>
  );
}

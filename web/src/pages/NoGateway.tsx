import { Link } from '@tanstack/react-router';
import { SCOPE_NAMES } from '../client/scopes.ts';
import { CodeBlock } from '../parts/CodeBlock.tsx';
import { EmptyState } from '../parts/States.tsx';

const FILE = `# gateway.yaml
policies:
  - name: everyone
    rules:
      - {tools: ["*.read_*", "*.list_*"], action: allow}
      - {tools: ["*"], action: human_approval}
mcp_servers:
  - {name: files, command: npx, args: [-y, "@modelcontextprotocol/server-filesystem", .]}`;

const ELSEWHERE = `# gateway.yaml, for signalbox gateway --config gateway.yaml
server: {url: "${location.origin}", key: sbx_YOUR_KEY}`;

/** What stands on the gateway's pages of a server that runs none. */
export function NoGateway() {
  return (
    <section className="panel">
      <EmptyState title="This server runs no gateway">
        <p className="quiet">
          With one, the tool calls of your agents pass through rules that allow, deny or ask you.
          Write a file such as this,
        </p>
        <CodeBlock label="A gateway's file" code={FILE} />
        <p className="quiet">start the server with it,</p>
        <CodeBlock label="Start with a gateway" code="npm start -- --gateway gateway.yaml" />
        <p className="quiet">and point agents at the gateway in place of the servers behind it:</p>
        <CodeBlock
          label="Point a coding agent at it"
          code='claude mcp add --transport http tools http://127.0.0.1:9090/mcp --header "Authorization: Bearer agent:claude"'
        />
        <p className="quiet">
          What waits at a gateway that runs elsewhere is decided on the page Approvals too, and its
          calls are listed; its policies stay in its own file. It needs a{' '}
          <Link to="/settings/$section" params={{ section: 'keys' }} className="link">
            key
          </Link>{' '}
          that may <i>{SCOPE_NAMES['registry:read']}</i> and <i>{SCOPE_NAMES['gateway:link']}</i>:
        </p>
        <CodeBlock label="A gateway elsewhere" code={ELSEWHERE} />
      </EmptyState>
    </section>
  );
}

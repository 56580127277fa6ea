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
          A gateway that runs elsewhere is seen and decided about here too, with a key that holds{' '}
          <span className="mono">registry:read</span> and <span className="mono">gateway:link</span>
          :
        </p>
        <CodeBlock label="A gateway elsewhere" code={ELSEWHERE} />
      </EmptyState>
    </section>
  );
}

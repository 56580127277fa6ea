import { InvalidArgumentError, type Command } from 'commander';

const PORT_MAX = 65_535;

function port(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > PORT_MAX) {
    throw new InvalidArgumentError('Give a port, from 0 to 65535.');
  }
  return Number(value);
}

function days(value: string): number {
  if (!/^[1-9]\d{0,3}$/.test(value)) {
    throw new InvalidArgumentError('Give a number of days, from 1 to 9999.');
  }
  return Number(value);
}

/** The verbs about tool calls: running the gateway, deciding, and trying policies out. */
export function addGatewayVerbs(program: Command): void {
  addGateway(program);
  addApprovals(program);
  addPolicy(program);
}

function addGateway(program: Command): void {
  const gateway = program
    .command('gateway')
    .description('let tool calls through one gate: policy, approvals, a span for each')
    .option('--config <file>', 'what to guard and by which rules (default gateway.yaml)')
    .option('--port <port>', 'where to listen (default 9090, or as the file says)', port)
    .option('--host <host>', 'the address to listen on (default 127.0.0.1)')
    .option('--data-dir <dir>', 'where approvals are kept (default ~/.signalbox/gateway)')
    .option('--mcp', 'serve MCP over standard input and output')
    .option('--agent <name>', 'with --mcp: the agent that calls')
    .option('--session-id <id>', 'with --mcp: the session that calls belong to')
    .action(async (flags) => (await import('./gateway.ts')).gateway(flags));

  gateway
    .command('key <agent>')
    .description('make a key with which an agent proves its name; it is shown once')
    .option('--expires-in-days <days>', 'how long it is valid (default: until revoked)', days)
    .option('--revoke', 'revoke the keys of the agent in place of making one')
    .action(async (agent: string, flags, command: Command) => {
      const { gatewayKey } = await import('./gateway-key.ts');
      await gatewayKey(agent, { ...command.optsWithGlobals<{ dataDir?: string }>(), ...flags });
    });

  gateway
    .command('discover')
    .description('list the tools behind a configuration, or write a policy to begin with')
    .option('--openapi <file>', 'an OpenAPI document, or its address, in place of --config')
    .option('--backend <url>', 'with --openapi: where the API is')
    .option('--generate-policy', 'write a policy: reads are allowed, all else denied')
    .option('--for <agent>', 'with --generate-policy: the agents it is for', '*')
    .option('--json', 'as JSON')
    .action(async (flags, command: Command) => {
      const config = command.optsWithGlobals<{ config?: string }>().config;
      const { discover } = await import('./gateway-discover.ts');
      await discover({ ...flags, agent: flags.for, ...(config === undefined ? {} : { config }) });
    });
}

function addApprovals(program: Command): void {
  const approvals = program
    .command('approvals')
    .description('decide about tool calls that wait at a gateway');
  const verb = (name: string, description: string): Command =>
    approvals
      .command(name)
      .description(description)
      .option('--url <url>', 'address of the gateway (default: the one on this machine)')
      .option('--key <key>', 'a key with the scope governance:write')
      .option('--data-dir <dir>', 'data directory of the gateway on this machine')
      .option('--json', 'as JSON');
  const load = () => import('./approvals/approvals.ts');

  verb('list', 'list the calls that wait')
    .option('--status <status>', 'pending, approved, denied or timeout')
    .option('--tool <pattern>', 'of these tools alone, e.g. filesystem.*')
    .option('--all', 'whatever their status')
    .action(async (flags) => (await load()).list(flags));
  verb('show <id>', 'show one call with its arguments').action(async (id: string, flags) =>
    (await load()).show(id, flags),
  );
  for (const decision of ['approve', 'deny'] as const) {
    verb(`${decision} <id>`, `${decision} a call; the beginning of its id will do`)
      .option(
        '--reason <text>',
        'why; kept with the decision, and needed to approve a dangerous call',
      )
      .option('--by <name>', 'who decides, when several share a key')
      .action(async (id: string, flags) => (await load()).decide(id, decision, flags));
  }
  verb('watch', 'ask about each call as it comes')
    .option('--by <name>', 'who decides, when several share a key')
    .action(async (flags) => (await load()).watch(flags));
}

function addPolicy(program: Command): void {
  const policy = program.command('policy').description('try policies out before they are in force');
  const load = () => import('./policy/policy.ts');
  policy
    .command('test <cases>')
    .description('decide about the calls of a YAML file and compare with what it expects')
    .option('--config <file>', 'where the policies are', 'gateway.yaml')
    .option('--json', 'as JSON')
    .action(async (cases: string, flags) => (await load()).test(cases, flags));
  policy
    .command('dry-run')
    .description('decide anew about recorded calls, and tell what would be otherwise')
    .option('--config <file>', 'where the policies are', 'gateway.yaml')
    .option('--traces <file>', 'recorded calls (default: the trace_file of the configuration)')
    .option('--json', 'as JSON')
    .action(async (flags) => (await load()).dryRun(flags));
}

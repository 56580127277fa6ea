import { z } from 'zod';

import { parseDuration } from './duration.ts';
import { POLICY_ACTIONS, policiesSchema, policySchema } from './policy/policy-schema.ts';

/** `gateway.yaml`: what the gateway guards, by which rules, and whom it tells. */

const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w-]{0,62}$/,
    'use letters, digits, - and _; begin with a letter or a digit',
  );
const texts = z.record(z.string().max(256), z.string().max(32_768));
const url = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:/.test(text),
    'is no http:// or https:// address',
  );
const file = z.string().min(1).max(4_096);
const seconds = z.number().positive().max(86_400);

/** `30s`, `5m`; milliseconds within. */
const duration = z.string().transform((text, context) => {
  try {
    return parseDuration(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'write a duration such as 30s or 5m' });
    return z.NEVER;
  }
});

const mcpServer = z
  .strictObject({
    name,
    /** `http` is streamable HTTP; `sse` the transport before it. Guessed from what is given. */
    transport: z.enum(['stdio', 'http', 'streamable-http', 'sse']).optional(),
    command: z.string().min(1).optional(),
    args: z.array(z.string()).max(1_000).default([]),
    env: texts.default({}),
    cwd: file.optional(),
    url: url.optional(),
    headers: texts.default({}),
    /** How long a call may take without any sign of life from the server. */
    timeout_seconds: seconds.default(60),
    /** Larger answers are refused. */
    result_bytes_max: z
      .int()
      .min(1_024)
      .default(10 * 1024 * 1024),
    /**
     * Sessions of agents at once, over streamable HTTP, with a server that keeps something for who connects: each agent
     * has its own. 0: all agents share one.
     */
    agent_sessions_max: z.int().min(0).max(10_000).default(100),
  })
  .refine(
    ({ transport = 'stdio', command, url: address }) =>
      transport === 'stdio' ? (command === undefined) !== (address === undefined) : !command,
    'give either `command`, for a program to start, or `url`, for a server to reach',
  )
  .transform((server) => ({ ...server, transport: transportOf(server) }));

function transportOf(server: { transport?: string | undefined; url?: string | undefined }) {
  if (server.url === undefined) return 'stdio' as const;
  return server.transport === 'sse' ? ('sse' as const) : ('http' as const);
}

const openApi = z
  .strictObject({
    /** Stands before the tools' names; without it they stand alone. */
    name: name.optional(),
    url: url.optional(),
    file: file.optional(),
    backend_url: url.optional(),
    headers: texts.default({}),
    timeout_seconds: seconds.default(30),
    result_bytes_max: z
      .int()
      .min(1_024)
      .default(10 * 1024 * 1024),
  })
  .refine((api) => (api.url === undefined) !== (api.file === undefined), 'give url or file');

const cliCommand = z.strictObject({
  /** Flags that may be given, as `-n` or `--namespace`; any when absent. */
  allowed_args: z.array(z.string().min(1)).max(1_000).optional(),
  timeout: duration.default(30_000),
});

const cliTool = z
  .strictObject({
    name,
    bin: z.string().min(1),
    default_action: z.enum(POLICY_ACTIONS).default('deny'),
    /** Only the commands that are declared. */
    strict: z.boolean().default(false),
    working_dir: file.optional(),
    env: texts.default({}),
    commands: z
      .record(
        z.string().regex(/^[\w][\w.:-]{0,100}$/),
        cliCommand.nullable().transform((command) => command ?? { timeout: 30_000 }),
      )
      .default({}),
    /** The program itself as one tool, without a subcommand. */
    bare: z.boolean().default(false),
    output_bytes_max: z
      .int()
      .min(1_024)
      .default(1024 * 1024),
  })
  .refine(
    (tool) => !tool.strict || tool.bare || Object.keys(tool.commands).length > 0,
    'strict allows the declared commands alone, and none is declared',
  );

const approval = z.strictObject({
  /** How long somebody may take to decide; nobody deciding denies. */
  timeout_seconds: seconds.default(300),
  /** How long an approved call may take to come back for its approval. */
  use_within_seconds: seconds.default(600),
  pending_max: z.int().min(1).max(1_000_000).default(10_000),
  /** Told of each call that waits, as JSON that Slack shows. */
  notify_url: url.optional(),
  notify_headers: texts.default({}),
  /** Where people reach the gateway, for the links in notices; its own address when absent. */
  public_url: url.optional(),
  /** Hosts that an agent may ask to be called back at, beside this machine. */
  callback_hosts: z.array(z.string().min(1)).max(1_000).default([]),
  /** What a call over MCP does: wait, with notices of progress, or answer at once and be called again. */
  mcp: z.enum(['wait', 'at-once']).default('wait'),
  /** `queue`: decided in the web page, by API or command line. */
  channel: z.literal('queue').default('queue'),
});

const supervisor = z.strictObject({
  enabled: z.boolean().default(false),
  /** False: supervisors see the length and digest of content, not the content. */
  expose_content: z.boolean().default(true),
  auto_approve: z.boolean().default(false),
  min_approvals: z.int().min(1).default(3),
  /** Agents that may decide about calls of others, when their identity is proven. */
  supervisor_agents: z.array(z.string().min(1)).max(1_000).default([]),
  rules: policySchema.shape.rules,
});

const registry = z.strictObject({
  unreviewed: z.enum(['reads', ...POLICY_ACTIONS]).default('reads'),
  unknown: z.enum(['reads', ...POLICY_ACTIONS]).default('reads'),
  /** Approved agents that have changed since. */
  changed: z.enum(['reads', ...POLICY_ACTIONS]).default('allow'),
  read_tools: z
    .array(z.string().min(1))
    .max(1_000)
    .default(
      ['read', 'list', 'get', 'search', 'find', 'describe', 'show', 'query'].flatMap((verb) => [
        `*.${verb}_*`,
        `*.${verb}`,
        `${verb}_*`,
      ]),
    ),
  when_unreachable: z.enum(['last_known', 'deny']).default('last_known'),
  /** For how long agents that were known go on while the server cannot be reached; unknown ones are refused at once. */
  last_known_seconds: z
    .number()
    .positive()
    .max(366 * 86_400)
    .default(86_400),
});

const auth = z.strictObject({
  /** Refuses callers that name themselves, also on loopback. */
  require_authentication: z.boolean().default(false),
  jwt: z
    .strictObject({
      jwks_url: url,
      issuer: z.string().min(1).optional(),
      audience: z.string().min(1).optional(),
      agent_claim: z.string().min(1).default('sub'),
    })
    .optional(),
});

const loopGuard = z.union([
  z.literal(false),
  z.strictObject({
    max_identical: z.int().min(1).default(3),
    window_seconds: seconds.default(10),
  }),
]);

const otlpSettings = z.strictObject({
  headers: texts.default({}),
  compression: z.enum(['gzip', 'none']).default('gzip'),
  timeout_seconds: seconds.default(5),
  spool_bytes_max: z
    .int()
    .min(0)
    .default(64 * 1024 * 1024),
});

/** A server that this gateway belongs to: it asks there for agents' review states, and tells there of its approvals. */
const server = z.strictObject({
  url,
  /**
   * A key with the scopes `registry:read` and, for approvals to be seen and decided there, `gateway:link`. Its label is the
   * gateway's name there.
   */
  key: z.string().min(1),
  refresh_seconds: seconds.default(10),
});

export const gatewayFileSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(9090),
  /** A request that takes longer to arrive is cut; calls that wait for an answer are not. */
  arrival_seconds: seconds.default(30),
  /** Connections at once; more are refused. Each call that waits for a decision holds one. */
  connections_max: z.int().min(1).max(1_000_000).default(20_000),
  data_dir: file.optional(),
  trace_file: file.optional(),
  /** Whether the beginning of each answer is kept with its call, without secrets. */
  record_results: z.boolean().default(true),
  /** A path, an http(s) address, or `stdout`; nothing is exported without it, or where it is empty. */
  otel_endpoint: z
    .string()
    .transform((text) => text || undefined)
    .optional(),
  otel: otlpSettings.prefault({}),
  /** The number that spans carry as their kind: 3, or 2 for what OTLP calls a server. */
  otel_span_kind: z
    .union([z.literal(3), z.literal('server'), z.literal('client')])
    .default(3)
    .transform((kind) => (kind === 'server' ? 2 : 3)),
  approval: approval.prefault({}),
  supervisor: supervisor.prefault({}),
  auth: auth.prefault({}),
  require_authentication: z.boolean().optional(),
  registry: registry.prefault({}),
  server: server.optional(),
  loop_guard: loopGuard.prefault({}),
  /** What to do about a tool whose description or schema has changed since it was first seen. */
  tool_pinning: z.enum(['hold', 'off']).default('hold'),
  policies: policiesSchema.default([]),
  policy_dir: file.optional(),
  mcp_servers: z.array(mcpServer).max(1_000).default([]),
  openapi: z.array(openApi).max(1_000).default([]),
  cli_tools: z.array(cliTool).max(1_000).default([]),
});

export type GatewayFile = z.infer<typeof gatewayFileSchema>;
export type McpServerConfig = GatewayFile['mcp_servers'][number];
export type OpenApiConfig = GatewayFile['openapi'][number];
export type CliToolConfig = GatewayFile['cli_tools'][number];

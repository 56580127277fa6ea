import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import type { FastifyBaseLogger, FastifyInstance } from 'fastify';

import type { Auth } from '../auth/auth.ts';
import { createJwtIdentity } from '../auth/jwt-identity.ts';
import { actorOf, DEFAULT_PROJECT } from '../auth/principal.ts';
import type { Clock } from '../base/clock.ts';
import { ClosingStack } from '../base/closing-stack.ts';
import { keptText } from '../base/kept-file.ts';
import { AppError, messageOf } from '../errors.ts';
import type { TraceExporter } from '../exporter/trace-exporter.ts';
import type { Approval } from '../model/approval.ts';
import type { OutgoingOrigin } from '../model/outgoing-telemetry.ts';
import type { ControlStore } from '../storage/control-store.ts';
import { NO_DIRECTORY, type AgentDirectory } from './agent-directory.ts';
import { createApprovalDesk, type ApprovalDesk } from './approvals/approval-desk.ts';
import { dangersOf } from './approvals/dangers.ts';
import { createDecisionLinks, type DecisionLinks } from './approvals/decision-link.ts';
import { createGrantBook } from './approvals/grant-book.ts';
import { createNotifier, type Notifier } from './approvals/notifier.ts';
import { openCallLog, type CallLog } from './call-log.ts';
import { createCallMeter, type CallMeter } from './call-meter.ts';
import { createCallRecorder, type CallRecorder } from './call-recorder.ts';
import { connectUpstreams } from './connect-upstreams.ts';
import { createHttpFace } from './faces/http-face.ts';
import { serveMcpStdio } from './faces/mcp-stdio.ts';
import type { GatewayFile } from './gateway-file.ts';
import type { Gateway } from './gateway.ts';
import { createGovernor } from './govern.ts';
import { createIdentity, type Identity } from './identity.ts';
import { loadGatewayFile, type Environment, type LoadedGatewayFile } from './load-gateway-file.ts';
import { openExporter } from './open-exporter.ts';
import { compileGlob } from '../base/glob.ts';
import { keepPolicies, type PolicyKeeper } from './policy/policy-keeper.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { createRegistryGate } from './registry-gate.ts';
import { createSupervisor } from './supervisor.ts';
import { createToolCatalog } from './tool-catalog.ts';
import { openToolPins } from './tool-pins.ts';
import { randomHexId } from './trace-context.ts';

export interface GatewayOptions {
  readonly file: LoadedGatewayFile;
  readonly env: Environment;
  readonly store: Pick<ControlStore, 'approvals' | 'grants' | 'toolPins'>;
  readonly auth: Pick<Auth, 'authenticator'>;
  /** Where agents' review states are known; undefined for a gateway without a registry. */
  readonly directory: AgentDirectory | undefined;
  /** Takes each span as well, beside what `otel_endpoint` names. */
  readonly sink?: Pick<TraceExporter, 'export'> | undefined;
  /** Told when a call ended, or an approval came or was decided. */
  readonly onChanged?: (() => void) | undefined;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
  readonly version: string;
}

/** Starts everything but the listener. A start that fails leaves nothing open. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const opened = new ClosingStack();
  try {
    return await start(options, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

type Parts = Omit<Gateway, 'listen' | 'serveStdio' | 'shutdown'>;

async function start(options: GatewayOptions, opened: ClosingStack): Promise<Gateway> {
  let address = '';
  const parts = await openParts(options, opened, () => address);
  let app: FastifyInstance | undefined;
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    parts.desk.shutdown();
    await app?.close();
    await parts.pins.settled();
    await opened.close();
  };
  return {
    ...parts,
    async listen() {
      const { config } = options.file;
      app = await createHttpFace(parts, options.log, config);
      address = await listenAt(app, config);
      return address;
    },
    serveStdio: (agent, sessionId) => serveMcpStdio(parts, agent, sessionId),
    shutdown: () => (stopping ??= stop()),
  };
}

async function openParts(
  options: GatewayOptions,
  opened: ClosingStack,
  addressOf: () => string,
): Promise<Parts> {
  const { file, store, clock, version } = options;
  const { config } = file;
  const onProblem = (message: string): void => options.log.warn(message);
  const books = await openBooks(options, opened, addressOf);
  const { desk, record, policies, calls } = books;
  const grants = createGrantBook({ store: store.grants, clock });
  const tools = await openTools(options, opened, onProblem);
  const directory = options.directory ?? NO_DIRECTORY;
  const governor = createGovernor({
    catalog: tools.catalog,
    policies: () => policies.current(),
    agents: directory,
    gate: createRegistryGate(config.registry, {
      hasRegistry: options.directory !== undefined,
      isStale: () => directory.isStale(),
      ageMs: () => clock.now() - directory.answeredAtMs(),
    }),
    limiter: createRateLimiter({ clock, loopGuard: loopGuardOf(config) }),
    grants,
    desk,
    supervisor: supervisorOf(config, desk),
    isHeld: tools.pins.isHeld,
    record,
    clock,
  });
  for (const approval of await desk.start()) record(interrupted(approval, clock));
  await grants.start(DEFAULT_PROJECT);
  return {
    governor,
    ...tools,
    policies,
    desk,
    dangersOf: (approval) =>
      dangersOf(
        approval,
        tools.catalog.get(approval.tool),
        options.directory?.factsOf(approval.project, approval.agent),
      ),
    grants,
    calls,
    meter: books.meter,
    notifier: books.notifier,
    links: books.links,
    origin: books.origin,
    identity: identityOf(options),
    directory: options.directory,
    spanKind: config.otel_span_kind,
    project: DEFAULT_PROJECT,
    exposeContent: config.supervisor.expose_content,
    mcpWhenAsked: config.approval.mcp,
    clock,
    version,
    newHexId: randomHexId,
    actorOf,
    isSupervisor: supervisorTest(config),
  };
}

/** What is written down, and where decisions are made. */
async function openBooks(options: GatewayOptions, opened: ClosingStack, addressOf: () => string) {
  const { clock, version, dataDir, file, sink } = options;
  const { config } = file;
  const onProblem = (message: string): void => options.log.warn(message);
  const calls = await openCallLog({ file: config.trace_file, onProblem });
  opened.add(() => calls.shutdown());
  const exporter = openExporter({ config, dataDir, onProblem });
  opened.add(() => exporter?.shutdown());
  const origin = originOf(version);
  const record = createCallRecorder({
    log: calls,
    exporters: [exporter, sink].filter((each) => each !== undefined),
    origin,
    spanKind: config.otel_span_kind,
    keepsResults: config.record_results,
  });
  const policies = watchPolicies(options, onProblem);
  opened.add(() => policies.close());
  const links = createDecisionLinks({
    secret: readSecret(dataDir),
    publicUrl: () => config.approval.public_url?.replace(/\/+$/, '') ?? addressOf(),
    now: () => clock.now(),
  });
  const notifier = notifierOf(config, links, onProblem);
  opened.add(() => notifier.shutdown());
  const desk = deskOf({ options, notifier, record });
  opened.add(() => desk.shutdown());
  const meter = meterOf(calls, desk, exporter);
  calls.onAdded((entry) => {
    meter.count(entry);
    options.onChanged?.();
  });
  return { calls, origin, record, policies, links, notifier, desk, meter };
}

async function openTools(
  { file: { config }, env, store, clock, version }: GatewayOptions,
  opened: ClosingStack,
  onProblem: (message: string) => void,
) {
  const pins = await openToolPins({
    store: store.toolPins,
    project: DEFAULT_PROJECT,
    clock,
    enabled: config.tool_pinning === 'hold',
    onHeld: ({ server, tool }) =>
      onProblem(`the definition of ${server}.${tool} has changed: it is held for review`),
    onProblem,
  });
  const upstreams = await connectUpstreams({ config, environment: env, version, onProblem });
  for (const upstream of upstreams) {
    opened.add(() => upstream.close());
    pins.watch(upstream);
  }
  return { pins, upstreams, catalog: createToolCatalog(upstreams, pins.isHeld) };
}

const originOf = (version: string): OutgoingOrigin => ({
  // Readers of these spans know them by this name.
  resource: { 'service.name': 'agent-mesh', 'service.version': version },
  scope: { name: 'agent-mesh', version },
});

function watchPolicies(
  { file, env, log, clock }: GatewayOptions,
  onProblem: (message: string) => void,
): PolicyKeeper {
  const keeper = keepPolicies({
    first: file,
    read: () => loadGatewayFile(file.path, env),
    watched: file.watched,
    clock,
    onProblem,
  });
  keeper.onChanged(({ version }) => log.info(`policies ${version} are in force`));
  return keeper;
}

function notifierOf(
  { approval }: GatewayFile,
  links: DecisionLinks,
  onProblem: (message: string) => void,
): Notifier {
  return createNotifier({
    notifyUrl: approval.notify_url,
    notifyHeaders: approval.notify_headers,
    callbackHosts: approval.callback_hosts,
    links,
    onProblem,
  });
}

function deskOf(parts: {
  readonly options: GatewayOptions;
  readonly notifier: Notifier;
  readonly record: CallRecorder;
}): ApprovalDesk {
  const { options, notifier, record } = parts;
  const { approval } = options.file.config;
  return createApprovalDesk({
    store: options.store.approvals,
    clock: options.clock,
    timeoutMs: approval.timeout_seconds * 1_000,
    useWithinMs: approval.use_within_seconds * 1_000,
    pendingMax: approval.pending_max,
    events: {
      onPending: (pending) => {
        options.onChanged?.();
        notifier.pending(pending);
      },
      onResolved: (resolved, waited) => {
        options.onChanged?.();
        notifier.resolved(resolved);
        // Its caller has gone, or an earlier process took it: nobody else would tell what came of it.
        if (!waited) record(abandoned(resolved, options.clock));
      },
      onProblem: (message) => options.log.warn(message),
    },
  });
}

/** A call that nobody waits for any more, told of when it is decided. */
function abandoned(approval: Approval, clock: Clock) {
  const code = { approved: 499, denied: 403, timeout: 408, pending: 202 }[approval.status];
  const error =
    approval.status === 'approved'
      ? 'approved, and its caller had gone; the approval waits for it to come back'
      : `the call was ${approval.status === 'denied' ? 'denied' : 'not decided about in time'}`;
  return { ...callOf(approval, clock), code, error };
}

function interrupted(approval: Approval, clock: Clock) {
  const error = 'the gateway ended while the tool ran: it may have run, and is not run again';
  return { ...callOf(approval, clock), code: 502, error };
}

function callOf(approval: Approval, clock: Clock) {
  const { traceId, spanId, parentSpanId, sessionId, agent, project, face, tool } = approval;
  const place = { traceId, spanId, parentSpanId, sessionId, agent, project, face, tool };
  return {
    ...place,
    params: JSON.parse(approval.paramsJson) as Record<string, unknown>,
    policy: 'human_approval' as const,
    rule: approval.policyRule,
    startNs: BigInt(approval.createdAtMs) * 1_000_000n,
    endNs: BigInt(clock.now()) * 1_000_000n,
    latencyMs: 0,
    approval,
  };
}

function loopGuardOf({ loop_guard: guard }: GatewayFile) {
  if (guard === false) return undefined;
  return { callsMax: guard.max_identical, windowMs: guard.window_seconds * 1_000 };
}

function supervisorOf({ supervisor }: GatewayFile, desk: ApprovalDesk) {
  const active = supervisor.rules.length > 0 || supervisor.auto_approve;
  return active ? createSupervisor(supervisor, desk) : undefined;
}

function supervisorTest({ supervisor }: GatewayFile): Gateway['isSupervisor'] {
  const tests = supervisor.supervisor_agents.map(compileGlob);
  return ({ agent, proof }) =>
    (proof === 'key' || proof === 'token') && tests.some((test) => test(agent));
}

function identityOf({ auth, file: { config }, clock }: GatewayOptions): Identity {
  const { jwt, require_authentication: inAuth } = config.auth;
  return createIdentity({
    authenticator: auth.authenticator,
    jwt:
      jwt &&
      createJwtIdentity({
        jwksUrl: jwt.jwks_url,
        issuer: jwt.issuer,
        audience: jwt.audience,
        claim: jwt.agent_claim,
        clock,
      }),
    loopbackOnly: isLoopbackHost(config.host),
    requireAuthentication: config.require_authentication ?? inAuth,
    supervisors: config.supervisor.supervisor_agents,
  });
}

const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);

function meterOf(
  calls: CallLog,
  desk: ApprovalDesk,
  exporter: TraceExporter | undefined,
): CallMeter {
  return createCallMeter([
    {
      name: 'signalbox_gateway_approvals_pending',
      help: 'Calls that wait for a decision.',
      value: () => desk.pending(),
    },
    {
      name: 'signalbox_gateway_trace_lines_unwritten',
      help: 'Calls that the trace file did not get.',
      value: () => calls.counts().unwritten,
    },
    {
      name: 'signalbox_gateway_spans_dropped',
      help: 'Spans that the exporter had no room for.',
      value: () => exporter?.counts().dropped ?? 0,
    },
    {
      name: 'signalbox_gateway_spans_accepted',
      help: 'Spans that the receiver has taken.',
      value: () => exporter?.counts().accepted ?? 0,
    },
  ]);
}

/** Signs the links in notices; kept, so that links outlive a restart. */
function readSecret(dataDir: string): Buffer {
  const text = keptText(join(dataDir, 'link-secret'), () => randomBytes(32).toString('hex'));
  return Buffer.from(text, 'hex');
}

async function listenAt(app: FastifyInstance, { host, port }: GatewayFile): Promise<string> {
  try {
    const address = await app.listen({ host, port });
    return address.replace('0.0.0.0', '127.0.0.1').replace('[::]', '[::1]');
  } catch (error) {
    throw new AppError(
      'ADDRESS_IN_USE',
      `the gateway cannot listen on ${host}:${port}: ${messageOf(error)}; stop what uses it, or set another port`,
      { cause: error },
    );
  }
}

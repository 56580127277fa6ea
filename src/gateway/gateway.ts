import type { Principal } from '../auth/principal.ts';
import type { Clock } from '../base/clock.ts';
import type { OutgoingOrigin } from '../model/outgoing-telemetry.ts';
import type { Approval } from '../model/approval.ts';
import type { Actor } from '../storage/audit-log.ts';
import type { AgentDirectory } from './agent-directory.ts';
import type { ApprovalDesk } from './approvals/approval-desk.ts';
import type { DecisionLinks } from './approvals/decision-link.ts';
import type { GrantBook } from './approvals/grant-book.ts';
import type { Notifier } from './approvals/notifier.ts';
import type { CallLog } from './call-log.ts';
import type { CallMeter } from './call-meter.ts';
import type { Governor } from './govern.ts';
import type { Identity } from './identity.ts';
import type { PolicyKeeper } from './policy/policy-keeper.ts';
import type { Caller } from './tool-call.ts';
import type { ToolCatalog } from './tool-catalog.ts';
import type { ToolPins } from './tool-pins.ts';
import type { NewHexId } from './trace-context.ts';
import type { Upstream } from './upstreams/upstream.ts';

/** A gateway that runs. Its faces get what they need of it, and calls go through `governor` alone. */
export interface Gateway {
  readonly governor: Governor;
  readonly catalog: ToolCatalog;
  /** For what MCP servers offer beside tools. */
  readonly upstreams: readonly Upstream[];
  readonly policies: PolicyKeeper;
  readonly desk: ApprovalDesk;
  /** Why approving it asks for a reason; none for a call like any other. */
  readonly dangersOf: (approval: Approval) => readonly string[];
  readonly grants: GrantBook;
  readonly pins: ToolPins;
  readonly calls: CallLog;
  readonly meter: CallMeter;
  readonly notifier: Notifier;
  readonly links: DecisionLinks;
  readonly identity: Identity;
  readonly directory: AgentDirectory | undefined;
  readonly origin: OutgoingOrigin;
  readonly spanKind: number;
  /** The project of callers that no credential places elsewhere. */
  readonly project: string;
  readonly exposeContent: boolean;
  readonly mcpWhenAsked: 'wait' | 'at-once';
  readonly clock: Clock;
  readonly version: string;
  readonly newHexId: NewHexId;
  readonly actorOf: (principal: Principal) => Actor;
  /** Whether the caller's proven identity lets it decide about others. */
  readonly isSupervisor: (caller: Caller) => boolean;
  /** Opens the HTTP face, and answers its address. */
  listen(): Promise<string>;
  /** Serves MCP over standard input and output, as this agent; resolves when the other end closes. */
  serveStdio(agent: string, sessionId: string): Promise<void>;
  /** Ends calls, writes what waits, stops upstreams. Approvals that wait stay for the next start. */
  shutdown(): Promise<void>;
}

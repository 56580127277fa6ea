import { AppError } from '../../errors.ts';
import type { McpConnection } from './mcp-connection.ts';

type Session = Pick<McpConnection, 'isBusy' | 'close'>;

/** A session of each agent with one server, opened with its first call; the one unused for longest gives way. */
export interface AgentSessions<S extends Session> {
  /**
   * Undefined where agents have none of their own. Throws `OVERLOADED` when all are in use. A session that is not busy
   * by the end of the turn may give way to another.
   */
  of(agent: string): S | undefined;
  close(): Promise<void>;
}

const IDLE_MS = 30 * 60_000;
const SWEEP_MS = 60_000;

export function openAgentSessions<S extends Session>(options: {
  /** At once; 0 for none. */
  readonly max: number;
  readonly open: () => S;
  readonly nowMs?: () => number;
}): AgentSessions<S> {
  const { max, open, nowMs = () => performance.now() } = options;
  /** In the order of their last use. */
  const sessions = new Map<string, { readonly session: S; usedAtMs: number }>();
  const drop = (agent: string): void => {
    const dropped = sessions.get(agent);
    sessions.delete(agent);
    void dropped?.session.close().catch(() => undefined);
  };
  const sweep = (): void => {
    for (const [agent, { session, usedAtMs }] of sessions) {
      if (!session.isBusy && nowMs() - usedAtMs > IDLE_MS) drop(agent);
    }
  };
  const timer = setInterval(sweep, SWEEP_MS).unref();

  return {
    of(agent) {
      if (max === 0) return undefined;
      const known = sessions.get(agent);
      sessions.delete(agent);
      if (known === undefined && sessions.size >= max) {
        const idle = [...sessions].find(([, { session }]) => !session.isBusy);
        if (idle === undefined) {
          const remedy = 'call again later, or raise agent_sessions_max of the server';
          throw new AppError('OVERLOADED', `all ${max} sessions of agents are in use; ${remedy}`);
        }
        drop(idle[0]);
      }
      const session = known?.session ?? open();
      sessions.set(agent, { session, usedAtMs: nowMs() });
      return session;
    },
    async close() {
      clearInterval(timer);
      await Promise.allSettled([...sessions.values()].map(({ session }) => session.close()));
      sessions.clear();
    },
  };
}

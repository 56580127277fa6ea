import { readEvents } from './read-session.ts';
import type { Session } from './read-session.ts';
import { textIn } from './session-event.ts';

export interface TreeNode {
  readonly kind: 'session' | 'tool' | 'model';
  readonly id: string;
  readonly name: string;
  readonly failed: boolean;
  readonly children: readonly TreeNode[];
}

interface Draft extends TreeNode {
  failed: boolean;
  readonly children: Draft[];
}

const DEPTH_MAX = 50;

/** A session, its calls below each other, and the sessions of sub-agents below the calls that started them. */
export function treeOf(session: Session, all: readonly Session[]): TreeNode {
  return sessionNode(session, all, 0);
}

function sessionNode(session: Session, all: readonly Session[], depth: number): Draft {
  const root: Draft = {
    kind: 'session',
    id: session.id,
    name: `${session.meta.agent_name} ${session.id}`,
    failed: false,
    children: [],
  };
  const nodes = new Map<string, Draft>();
  for (const event of readEvents(session)) {
    if (event.type === 'error') {
      const call = nodes.get(event.parentId);
      if (call === undefined) root.failed = true;
      else call.failed = true;
      continue;
    }
    const kind =
      event.type === 'tool_call' ? 'tool' : event.type === 'llm_request' ? 'model' : undefined;
    if (kind === undefined) continue;
    const name = textIn(event.data, kind === 'tool' ? 'tool_name' : 'model') || kind;
    const node: Draft = { kind, id: event.id, name, failed: false, children: [] };
    nodes.set(event.id, node);
    (nodes.get(event.parentId) ?? root).children.push(node);
  }
  if (depth >= DEPTH_MAX) return root;
  for (const child of all) {
    if (child.meta.parent_session_id !== session.id || child.id === session.id) continue;
    (nodes.get(child.meta.parent_event_id) ?? root).children.push(
      sessionNode(child, all, depth + 1),
    );
  }
  return root;
}

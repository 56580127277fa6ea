import type { ConnectAddress } from '../snippets.ts';
import { CODING_AGENTS } from './coding-agents.ts';
import { FRAMEWORKS } from './frameworks.ts';
import { SDKS } from './sdks.ts';

export interface Snippet {
  readonly title: string;
  readonly install?: string;
  /** What the code is pasted into. */
  readonly where: string;
  readonly code: string;
  readonly note: string;
  /** Whether the three variables are set beside it; false where it says the address itself. */
  readonly environment?: boolean;
}

export type SnippetOf = (address: ConnectAddress) => Snippet;

/** By what people look for: a language, a framework, a coding agent. */
export const TARGET_GROUPS = [
  { name: 'Language', targets: SDKS },
  { name: 'Framework', targets: FRAMEWORKS },
  { name: 'Coding agent', targets: CODING_AGENTS },
] as const;

const ALL: Readonly<Record<ConnectTarget, SnippetOf>> = {
  ...SDKS,
  ...FRAMEWORKS,
  ...CODING_AGENTS,
};

export type ConnectTarget =
  | keyof typeof SDKS
  | keyof typeof FRAMEWORKS
  | keyof typeof CODING_AGENTS;

export const CONNECT_TARGETS = Object.keys(ALL) as readonly ConnectTarget[];

export function snippetFor(target: ConnectTarget, address: ConnectAddress): Snippet {
  return ALL[target](address);
}

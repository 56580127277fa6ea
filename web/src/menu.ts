/** The pages of the menu, in groups; a page stands here when it exists. */
export interface MenuEntry {
  readonly to: string;
  readonly label: string;
  /** The key after `g`. */
  readonly key: string;
  /** What else people call it, for the palette. */
  readonly words?: string;
  /** Which count of waiting things stands beside it. */
  readonly waiting?: 'review' | 'approvals' | 'anomalies';
}

export interface MenuGroup {
  readonly title: string;
  readonly entries: readonly MenuEntry[];
}

export const MENU: readonly MenuGroup[] = [
  {
    title: '',
    entries: [
      { to: '/', label: 'Overview', key: 'o', words: 'home dashboard' },
      {
        to: '/discovery',
        label: 'Discovery',
        key: 'd',
        waiting: 'review',
        words: 'review queue new',
      },
      { to: '/agents', label: 'Agents', key: 'a', words: 'registry' },
      { to: '/runs', label: 'Runs', key: 'r', words: 'executions' },
      { to: '/conversations', label: 'Conversations', key: 'v', words: 'sessions threads chats' },
      { to: '/traces', label: 'Traces', key: 't', words: 'spans' },
      { to: '/logs', label: 'Logs', key: 'w', words: 'log records events tail' },
      { to: '/metrics', label: 'Metrics', key: 'x', words: 'promql prometheus charts counters' },
    ],
  },
  {
    title: 'Control',
    entries: [
      {
        to: '/approvals',
        label: 'Approvals',
        key: 'p',
        waiting: 'approvals',
        words: 'gateway grants decide',
      },
      { to: '/calls', label: 'Calls', key: 'l', words: 'gateway tools policy' },
      {
        to: '/policies',
        label: 'Policies',
        key: 'y',
        words: 'rules grants tools pins dry run gateway',
      },
      {
        to: '/evidence',
        label: 'Evidence',
        key: 'e',
        words: 'audit readiness packages verify compliance',
      },
    ],
  },
  {
    title: 'Accounts',
    entries: [
      { to: '/costs', label: 'Costs', key: 'm', words: 'money spend budgets prices' },
      {
        to: '/anomalies',
        label: 'Anomalies',
        key: 'n',
        waiting: 'anomalies',
        words: 'baseline spike drift',
      },
      { to: '/quality', label: 'Quality', key: 'q', words: 'checks rules scores evaluations' },
    ],
  },
];

/** Below the others, at the foot. */
export const MENU_FOOT: readonly MenuEntry[] = [
  { to: '/connect', label: 'Connect', key: 'c', words: 'sdk snippets otel' },
  {
    to: '/settings',
    label: 'Settings',
    key: 's',
    words:
      'keys people users patterns audit dead letters alerts channels retention prices currency',
  },
];

export const MENU_ENTRIES: readonly MenuEntry[] = [
  ...MENU.flatMap(({ entries }) => entries),
  ...MENU_FOOT,
];

const WORDS = {
  running: 'Running',
  ok: 'Done',
  error: 'Failed',
  abandoned: 'Abandoned',
} as const;

export type RunStatusName = keyof typeof WORDS;

/** How a run ended, if it did. */
export function RunStatus({ status }: { readonly status: RunStatusName }) {
  const aspect = { running: '', ok: 'clear', error: 'stop', abandoned: 'caution' }[status];
  return <span className={`tag ${aspect}`}>{WORDS[status]}</span>;
}

export function RunDot({ status }: { readonly status: RunStatusName }) {
  const aspect = { running: 'caution', ok: '', error: 'stop', abandoned: 'caution' }[status];
  return <span className={`dot ${aspect}`} title={WORDS[status]} />;
}

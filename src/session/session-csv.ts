import { readEvents } from './read-session.ts';
import type { ReadProblems, Session } from './read-session.ts';
import { asText, numberIn, textIn } from './session-event.ts';
import { isoOf } from './evidence-package.ts';

const COLUMNS = [
  'session_id',
  'agent_name',
  'seq',
  'timestamp',
  'event_type',
  'event_id',
  'parent_id',
  'tool_name',
  'model',
  'input_tokens',
  'output_tokens',
  'duration_ms',
  'data',
];

/** A row an event, after RFC 4180. */
export function* csvOf(sessions: readonly Session[], problems: ReadProblems): Generator<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  for (const session of sessions) {
    for (const event of readEvents(session, problems)) {
      const { data } = event;
      const row = [
        session.id,
        session.meta.agent_name,
        event.seq,
        isoOf(event.timeNs),
        event.type,
        event.id,
        event.parentId,
        textIn(data, 'tool_name'),
        textIn(data, 'model'),
        numberIn(data, 'input_tokens') ?? '',
        numberIn(data, 'output_tokens') ?? '',
        event.durationMs ?? '',
        asText(data),
      ];
      yield `${row.map((cell) => cellOf(String(cell))).join(',')}\r\n`;
    }
  }
}

/** Quoted where it must be; what a spreadsheet would take for a formula is given an apostrophe. */
function cellOf(text: string): string {
  const plain = /^[=+@\t\r-]/.test(text) && !/^-?\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

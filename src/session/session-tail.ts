import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { parseObject, readLines, toEvent } from './read-session.ts';
import type { Session } from './read-session.ts';
import type { SessionEvent } from './session-event.ts';

/** Reads a session that is being written: each call gives the events that came since the last. */
export class SessionTail {
  readonly #path: string;
  #offset = 0;
  #seq = 0;

  constructor(session: Session) {
    this.#path = join(session.directory, 'events.ndjson');
  }

  *read(): Generator<SessionEvent> {
    if (!existsSync(this.#path)) return;
    for (const { text, end, whole } of readLines(this.#path, this.#offset)) {
      // The rest of a line that is being written comes the next time.
      if (!whole) return;
      this.#offset = end;
      if (text.trim() === '') continue;
      this.#seq += 1;
      const raw = parseObject(text);
      const event = raw === undefined ? undefined : toEvent(raw, this.#seq);
      if (event !== undefined) yield event;
    }
  }
}

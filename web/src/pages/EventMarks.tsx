import { countInWords, eventMarksOf } from '../trace/trace-events.ts';
import type { PlacedEvent } from '../trace/trace-events.ts';

/** A span's events as marks on its bar; a click opens all that was sent of them. */
export function EventMarks(props: {
  readonly events: readonly PlacedEvent[] | undefined;
  readonly startNs: number;
  readonly traceDurationNs: number;
  readonly onOpen: () => void;
}) {
  const { events, onOpen } = props;
  if (events === undefined) return null;
  return (
    <>
      {eventMarksOf(events, props).map(({ at, hasException, title }) => (
        <i
          key={at}
          className={hasException ? 'event-mark stop' : 'event-mark'}
          style={{ left: `${at * 100}%` }}
          title={title}
          onClick={(event) => {
            event.stopPropagation();
            onOpen();
          }}
        />
      ))}
      <span className="visually-hidden">{countInWords(events)}</span>
    </>
  );
}

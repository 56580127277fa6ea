import { Link } from '@tanstack/react-router';

/** The foot of a dialog about a span: to where it stands, once it is known, and the way out. */
export function TraceFoot(props: {
  readonly place: { readonly traceId: string; readonly spanId: string } | undefined;
  readonly onClose: () => void;
}) {
  const { place } = props;
  return (
    <div className="dialog-foot">
      {place !== undefined && (
        <Link
          className="button"
          to="/traces/$traceId"
          params={{ traceId: place.traceId }}
          search={{ span: place.spanId }}
        >
          Open in its trace
        </Link>
      )}
      <button type="button" className="button" data-first-focus onClick={props.onClose}>
        Close
      </button>
    </div>
  );
}

import type { ReactNode } from 'react';
import { ErrorState, SkeletonRows } from './States.tsx';
import { useRowCursor } from './use-row-cursor.ts';

export interface Column<Row> {
  readonly id: string;
  readonly head: ReactNode;
  /** `num` for figures, `wide`, `middle`, `extra` for what narrow windows leave out. */
  readonly className?: string;
  /** What the list is asked to be sorted by when the head is pressed. */
  readonly sort?: string;
  readonly cell: (row: Row) => ReactNode;
}

/**
 * A list as a table: bones while it is read, the error in place of rows, what belongs here when it is empty.
 * j and k move over the rows; what has `data-row-focus` in a row is opened by enter.
 */
export function DataTable<Row>(props: {
  readonly what: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[] | undefined;
  /** The rows answer the question before; those of the present one are on their way. */
  readonly stale?: boolean;
  readonly rowKey: (row: Row) => string;
  readonly error?: unknown;
  readonly onRetry?: () => void;
  readonly empty: ReactNode;
  /** What it is sorted by, greatest first. */
  readonly sorted?: string;
  readonly onSort?: (by: string) => void;
  /** False where another list of the page has the keys that move over rows. */
  readonly cursor?: boolean;
}) {
  const { columns, rows } = props;
  const cursor = useRowCursor<HTMLTableSectionElement>(rows?.length ?? 0, props.cursor ?? true);
  if (props.error !== undefined && props.error !== null) {
    return (
      <ErrorState
        error={props.error}
        what={`${props.what} cannot be read`}
        onRetry={props.onRetry}
      />
    );
  }
  if (rows?.length === 0) return props.empty;
  return (
    <table
      className="table"
      aria-busy={rows === undefined || props.stale === true}
      data-stale={props.stale}
      aria-label={props.what}
    >
      <thead>
        <tr>
          {columns.map((column) => (
            <Head key={column.id} column={column} sorted={props.sorted} onSort={props.onSort} />
          ))}
        </tr>
      </thead>
      <tbody ref={cursor.ref} onFocus={cursor.onFocus}>
        {rows === undefined && <SkeletonRows rows={6} columns={columns.length} />}
        {rows?.map((row, at) => (
          <tr key={props.rowKey(row)} data-row={at} data-current={at === cursor.current}>
            {columns.map(({ id, className, cell }) => (
              <td key={id} className={className}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Head<Row>(props: {
  readonly column: Column<Row>;
  readonly sorted: string | undefined;
  readonly onSort: ((by: string) => void) | undefined;
}) {
  const { column, sorted, onSort } = props;
  const { head, className, sort } = column;
  if (sort === undefined || onSort === undefined) return <th className={className}>{head}</th>;
  const isSorted = sort === sorted;
  return (
    <th className={className} aria-sort={isSorted ? 'descending' : 'none'}>
      <button type="button" title="Greatest first" onClick={() => onSort(sort)}>
        {head}
        {isSorted && <span aria-hidden="true"> ↓</span>}
      </button>
    </th>
  );
}

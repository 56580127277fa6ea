import type { ReactNode } from 'react';
import { ErrorState, SkeletonRows } from './States.tsx';
import { useRowCursor } from './use-row-cursor.ts';

export interface Column<Row> {
  readonly id: string;
  readonly head: ReactNode;
  /** `num` for figures, `wide`, `middle`, `extra` for what narrow windows leave out. */
  readonly className?: string;
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
  readonly rowKey: (row: Row) => string;
  readonly error?: unknown;
  readonly onRetry?: () => void;
  readonly empty: ReactNode;
}) {
  const { columns, rows } = props;
  const cursor = useRowCursor<HTMLTableSectionElement>(rows?.length ?? 0);
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
    <table className="table" aria-busy={rows === undefined} aria-label={props.what}>
      <thead>
        <tr>
          {columns.map(({ id, head, className }) => (
            <th key={id} className={className}>
              {head}
            </th>
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

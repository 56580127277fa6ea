import { Foreign } from './Foreign.tsx';

/** Names that telemetry brought, the first few; a dash where there are none. */
export function Words({
  values,
  shownMax = 4,
  mono = false,
  charactersMax = 80,
}: {
  readonly values: readonly string[] | null | undefined;
  readonly shownMax?: number;
  readonly mono?: boolean;
  readonly charactersMax?: number;
}) {
  if (values === null || values === undefined || values.length === 0) {
    return <span className="faint">—</span>;
  }
  return (
    <span className={mono ? 'words mono' : 'words'}>
      {values.slice(0, shownMax).map((value) => (
        <Foreign key={value} text={value} charactersMax={charactersMax} />
      ))}
      {values.length > shownMax && (
        <span className="faint" title={`${values.length} in all`}>
          +{values.length - shownMax}
        </span>
      )}
    </span>
  );
}

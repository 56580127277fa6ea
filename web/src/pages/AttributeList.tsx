import { Foreign, ForeignBlock } from '../parts/Foreign.tsx';
import { formatAnyValue } from '../span.ts';
import type { KeyValue } from '../span.ts';

export function AttributeList({ attributes }: { readonly attributes: readonly KeyValue[] }) {
  return (
    <dl>
      {attributes.map((item, index) => (
        // A key may come twice.
        <div className="attribute" key={`${item.key} ${index}`}>
          <dt className="mono">
            <Foreign text={item.key} charactersMax={300} />
          </dt>
          <dd>
            <ForeignBlock text={formatAnyValue(item.value)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { attributeCompletionQuery } from '../client/attribute-completion.ts';
import type { CompletionSource } from '../client/attribute-completion.ts';
import { FilterChip, TextFilter } from './filters.tsx';

/** Conditions on attributes, each a chip, and a field for one more that offers keys and values in use. */
export function AttributeFilters(props: {
  readonly attributes: readonly string[];
  readonly source: CompletionSource;
  readonly accepts: (text: string) => boolean;
  readonly onChange: (attributes: string[] | undefined) => void;
}) {
  const { attributes } = props;
  const [typed, setTyped] = useState<string>();
  const completion = useQuery({
    ...attributeCompletionQuery(props.source, useDeferredValue(typed ?? '')),
    enabled: typed !== undefined,
  });
  const change = (next: readonly string[]) =>
    props.onChange(next.length === 0 ? undefined : [...new Set(next)]);
  return (
    <>
      {attributes.map((attribute) => (
        <FilterChip
          key={attribute}
          text={attribute}
          onRemove={() => change(attributes.filter((each) => each !== attribute))}
        />
      ))}
      <TextFilter
        label="Attribute"
        hint="key=value"
        value={undefined}
        offers={completion.data ?? []}
        onType={setTyped}
        accepts={props.accepts}
        onChange={(added) => {
          if (added !== undefined) change([...attributes, added]);
        }}
        key={attributes.join('\n')}
      />
    </>
  );
}

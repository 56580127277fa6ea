import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { read } from '../../client/call.ts';
import { ErrorState } from '../../parts/States.tsx';
import { say } from '../../parts/Toasts.tsx';
import { useMay } from '../../parts/use-may.ts';

const patternsQuery = queryOptions({
  queryKey: ['run-names'],
  queryFn: ({ signal }) => read('GET /api/v1/settings/root-span-patterns', { signal }),
});

/** Parts of span names that mark the root of a run, beside those that are known. */
export function RunNames() {
  const patterns = useQuery(patternsQuery);
  if (patterns.isError) {
    return (
      <section className="panel">
        <ErrorState error={patterns.error} what="The names cannot be read" />
      </section>
    );
  }
  return patterns.data === undefined ? null : (
    <Editor key={patterns.data.patterns.join('\n')} saved={patterns.data.patterns} />
  );
}

function Editor({ saved }: { readonly saved: readonly string[] }) {
  const [text, setText] = useState(saved.join('\n'));
  const mayWrite = useMay('registry:write');
  const queries = useQueryClient();
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const save = useMutation({
    mutationFn: () => read('PUT /api/v1/settings/root-span-patterns', { body: { patterns } }),
    onSuccess: () => say('Saved. It holds for what comes from now on.'),
    onSettled: () => queries.invalidateQueries(patternsQuery),
  });
  return (
    <section className="panel">
      <p className="settings-lead">
        A span whose name contains one of these is the root of a run. The names of OpenTelemetry’s
        conventions and of the common frameworks are known without.
      </p>
      <form
        className="settings-form"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <textarea
          className="input patterns"
          aria-label="One part of a name a line"
          placeholder={'my_agent.start\njob.'}
          value={text}
          readOnly={!mayWrite}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        {mayWrite && (
          <button
            type="submit"
            className="button primary"
            disabled={save.isPending || patterns.join('\n') === saved.join('\n')}
          >
            Save
          </button>
        )}
        {save.isError && (
          <p className="notice stop" role="alert">
            {save.error.message}
          </p>
        )}
      </form>
    </section>
  );
}

import { useSyncExternalStore } from 'react';
import { isSilent, subscribeToSilence } from '../client/live.ts';

/** Says that the server does not answer, as long as it does not. */
export function SilenceNotice() {
  const silent = useSyncExternalStore(subscribeToSilence, isSilent);
  return (
    <div className="silence" role="status">
      {silent && (
        <p className="notice caution">
          The server does not answer. What stands here may be old; it goes on by itself once the
          server is back.
        </p>
      )}
    </div>
  );
}

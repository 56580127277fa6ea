import { useMutation, useQueryClient } from '@tanstack/react-query';
import { decideApproval } from '../client/approvals.ts';
import type { Approval } from '../client/approvals.ts';
import { say } from '../parts/Toasts.tsx';

/** Denies a call with one click: it can be asked for again, and an approval cannot be taken back. */
export function useDenyNow() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Approval) => decideApproval(id, 'deny', ''),
    onSuccess: () => say('Denied: the agent is told.'),
    onError: (error) => say(`Not denied: ${error.message}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['approvals'] }),
  });
}

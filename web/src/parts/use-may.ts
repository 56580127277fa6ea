import { useQuery } from '@tanstack/react-query';
import { may, meQuery } from '../client/session.ts';

/** Whether to offer what needs the scope; the server decides in the end. */
export function useMay(scope: string): boolean {
  return may(useQuery(meQuery).data, scope);
}

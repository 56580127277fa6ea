import { useRouter } from '@tanstack/react-router';

/** Goes back to where the user came from; to the list when the page was opened by its address. */
export function useGoBack(list: '/agents' | '/traces' | '/runs' | '/conversations'): () => void {
  const router = useRouter();
  return () => {
    if (router.history.canGoBack()) router.history.back();
    else void router.navigate({ to: list });
  };
}

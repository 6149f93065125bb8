import { dehydrate, QueryClient } from '@tanstack/query-core';

export async function pageState(api, user) {
  const client = new QueryClient({ defaultOptions: { queries: { gcTime: 10_000, retry: false } } });
  await Promise.all([
    client.prefetchQuery({ queryKey: ['user', user], queryFn: () => api.user(user) }),
    client.prefetchQuery({ queryKey: ['alerts', user], queryFn: () => api.alerts(user) })
  ]);
  return JSON.stringify(dehydrate(client));
}

import { QueryClient } from '@tanstack/query-core';

const client = new QueryClient();

async function list(name) {
  return { name, files: Array.from({ length: 40 }, (_, at) => `${name}/src/file-${at}.js`) };
}

export function repository(name) {
  return client.fetchQuery({ queryKey: ['repository', name], queryFn: () => list(name) });
}

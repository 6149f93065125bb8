import { configureStore } from '@reduxjs/toolkit';
import { createApi, fakeBaseQuery } from '@reduxjs/toolkit/query';

async function load(depot) {
  const shelves = Array.from({ length: 60 }, (_, at) => ({ row: at % 12, article: `A-${depot}-${at}`, pieces: (depot * 31 + at) % 90 }));
  return { data: { depot, shelves } };
}

const api = createApi({
  baseQuery: fakeBaseQuery(),
  endpoints: (build) => ({ depot: build.query({ queryFn: load }) }),
});

const store = configureStore({
  reducer: { [api.reducerPath]: api.reducer },
  middleware: (usual) => usual({ immutableCheck: false, serializableCheck: false }).concat(api.middleware),
});

/** What is in a depot, asked for once and then known for a minute. */
export async function depot(id) {
  const { data } = await store.dispatch(api.endpoints.depot.initiate(id));
  return data;
}

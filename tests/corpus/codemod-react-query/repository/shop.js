import React from 'react';
import { Hydrate, QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';

const h = React.createElement;

function Shop() {
  const { data } = useQuery(['shop'], () => 'closed', { initialData: 'open', cacheTime: 1000 });
  return h('p', null, data);
}

export function page() {
  const client = new QueryClient();
  return h(QueryClientProvider, { client }, h(Hydrate, { state: {} }, h(Shop)));
}

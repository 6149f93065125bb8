import { gql } from '@urql/core';
import { graphql } from './client';

const BASKET = gql`
  query Basket($visit: ID!) {
    basket(visit: $visit) {
      id
      total
      lines { id title cents count }
    }
  }
`;

interface Line {
  id: string;
  title: string;
  cents: number;
  count: number;
}

export async function basketPage(api: string, visit: string): Promise<string> {
  const { data, error } = await graphql(api).query(BASKET, { visit }).toPromise();
  if (error) throw error;
  const rows = data.basket.lines.map((line: Line) => `<li>${line.count} x ${line.title}</li>`);
  return `<!doctype html><ul>${rows.join('')}</ul><p>${data.basket.total}</p>`;
}

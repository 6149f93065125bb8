import { clear } from 'typescript-memoize';

let fuel = 1.9;

export function perKilometre(van: 'small' | 'large'): number {
  return fuel * (van === 'small' ? 0.09 : 0.17);
}

export function reload(): void {
  fuel += 0.01;
  clear(['tariff']);
}

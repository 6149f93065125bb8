import memoize from 'lodash.memoize';

export interface Quote {
  path: string;
  legs: string[];
}

export const quote = memoize((path: string): Quote => ({ path, legs: path.split('-') }));

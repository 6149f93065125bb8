import React from 'react';
import { renderToString } from 'react-dom/server';
import { Bars, type Choice } from './bars';

/** The page has loaded its styles and asks for the bars anew every few seconds. */
export function fragment(choices: Choice[]): string {
  return renderToString(<Bars choices={choices} />);
}

import React from 'react';
import { css } from 'goober';

export interface Wine {
  bottle: number;
  grape: string;
  year: number;
  ripeness: number;
}

const frame = css({ border: '1px solid', padding: '1rem', width: '9cm' });

/** The riper the grapes were, the more golden is the label. */
export function Label({ wine }: { wine: Wine }) {
  const gold = (wine.ripeness / 100_003) * 60;
  const paper = css({
    backgroundColor: `hsl(${gold} 70% 80%)`,
    borderColor: `hsl(${gold} 80% 30%)`,
    color: `hsl(${gold} 90% 12%)`,
    '&:hover': { backgroundColor: `hsl(${gold} 75% 85%)` },
    '& h1': { color: `hsl(${gold} 95% 20%)`, fontVariant: 'small-caps' },
    '& p': { borderTop: `1px dotted hsl(${gold} 60% 45%)`, color: `hsl(${gold} 50% 25%)` },
    '&::after': { background: `linear-gradient(hsl(${gold} 70% 60%), hsl(${gold} 90% 40%))`, content: '""', height: '2mm' },
  });
  return (
    <section className={`${frame} ${paper}`}>
      <h1>{wine.grape}</h1>
      <p>
        {wine.year}, bottle {wine.bottle}
      </p>
    </section>
  );
}

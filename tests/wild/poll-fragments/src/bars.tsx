import React from 'react';
import styled from 'styled-components';

export interface Choice {
  name: string;
  votes: number;
}

const List = styled.ol`
  display: grid;
  gap: 0.25rem;
  padding: 0;
  list-style: none;
`;

const Bar = styled.li<{ $share: number; $hue: number }>`
  position: relative;
  padding: 0.5rem 0.75rem;
  border-radius: 4px;
  color: hsl(${({ $hue }) => $hue} 60% 20%);
  background: linear-gradient(to right, hsl(${({ $hue }) => $hue} 70% 85%) ${({ $share }) => $share}%, transparent ${({ $share }) => $share}%);

  &::after {
    content: '${({ $share }) => $share}%';
    position: absolute;
    right: 0.75rem;
  }

  @media (max-width: 40rem) {
    padding: 0.25rem 0.5rem;
    font-size: 0.9rem;
  }
`;

export function Bars({ choices }: { choices: Choice[] }) {
  const all = choices.reduce((sum, { votes }) => sum + votes, 0);
  return (
    <List>
      {choices.map(({ name, votes }, n) => (
        <Bar key={name} $share={Math.round((votes / all) * 100_000) / 1000} $hue={(n * 47) % 360}>{name}</Bar>
      ))}
    </List>
  );
}

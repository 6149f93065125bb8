import { observer } from 'mobx-react';
import * as React from 'react';
import { timetable } from './timetable';

export interface Journey {
  number: number;
  passenger: string;
  stops: { name: string; minute: number }[];
}

export const Ticket = observer(({ journey }: { journey: Journey }) => (
  <article>
    <h1>{journey.passenger}</h1>
    <p>Platform {timetable.platform}</p>
    <ol>
      {journey.stops.map(({ name, minute }) => <li key={name}>{name}: {minute + timetable.minutesLate}</li>)}
    </ol>
  </article>
));

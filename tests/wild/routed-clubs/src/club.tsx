import React from 'react';
import { Route, Switch, useParams } from 'react-router';

function Match() {
  const { match } = useParams<{ match: string }>();
  return <h2>Match day {match}</h2>;
}

function Player() {
  const { shirt } = useParams<{ shirt: string }>();
  return <h2>Number {shirt}</h2>;
}

/** The pages of one club. */
export function Club({ name }: { name: string }) {
  return (
    <main>
      <h1>Club {name}</h1>
      <Switch>
        <Route path={`/clubs/${name}/matches/:match`} component={Match} />
        <Route path={`/clubs/${name}/players/:shirt`} component={Player} />
      </Switch>
    </main>
  );
}

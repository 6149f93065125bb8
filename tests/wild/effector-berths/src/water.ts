import { createEvent, createStore } from 'effector';

export const tide = createEvent<number>();
export const weatherChanged = createEvent<{ knots: number; from: string }>();

export const depth = createStore(3.1).on(tide, (_, metres) => metres);
export const wind = createStore({ knots: 8, from: 'W' }).on(weatherChanged, (_, now) => now);

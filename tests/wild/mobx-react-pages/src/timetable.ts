import { observable } from 'mobx';

/** What all pages show: it changes when a train is late. */
export const timetable = observable({ minutesLate: 0, platform: '2' });

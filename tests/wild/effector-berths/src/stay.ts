import { combine } from 'effector';
import { depth, wind } from './water';

export interface Boat {
  name: string;
  draught: number;
  berth: number;
}

/** A boat that lies in the harbour: its skipper is told when it may leave. */
export class Stay {
  private readonly unwatch: () => void;
  warnings = 0;

  constructor(readonly boat: Boat) {
    const afloat = depth.map((metres) => metres > boat.draught + 0.3);
    const mayLeave = combine(afloat, wind, (floats, { knots }) => floats && knots < 28);
    this.unwatch = mayLeave.watch((may) => {
      if (!may) this.warnings++;
    });
  }

  leave(): void {
    this.unwatch();
  }
}

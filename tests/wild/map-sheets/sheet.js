let drawn = 0;
let given = 0;

const placeFreed = new FinalizationRegistry((giveBack) => giveBack());

/** A sheet of the map, drawn from the heights of the land. */
export class Sheet {
  constructor(east, north) {
    this.east = east;
    this.north = north;
    this.heights = Array.from({ length: 900 }, (_, at) => 400 + Math.sin(east + at / 30) * 120 + Math.cos(north + (at % 30)) * 80);
    drawn++;
    // A sheet that is no longer looked at frees its place on the plotter.
    placeFreed.register(this, () => this.giveBack());
  }

  summit() {
    return Math.max(...this.heights);
  }

  giveBack() {
    given++;
  }
}

export const onPlotter = () => drawn - given;

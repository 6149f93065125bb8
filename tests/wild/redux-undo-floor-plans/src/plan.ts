export interface Piece { name: string; x: number; y: number; turned: number }
export interface Plan { revision: number; pieces: Piece[] }
export type Action = { type: 'moved'; by: number; at: number } | { type: 'turned'; at: number };

const start: Plan = {
  revision: 0,
  pieces: Array.from({ length: 40 }, (_, at) => ({ name: `desk ${at}`, x: at % 8, y: at >> 3, turned: 0 })),
};

export function plan(state: Plan = start, action: Action): Plan {
  switch (action.type) {
    case 'moved':
      return { revision: state.revision + 1, pieces: state.pieces.map((piece) => ({ ...piece, x: (piece.x + action.by) % 60 })) };
    case 'turned':
      return { revision: state.revision + 1, pieces: state.pieces.map((piece, at) => (at === action.at ? { ...piece, turned: (piece.turned + 90) % 360 } : piece)) };
    default:
      return state;
  }
}

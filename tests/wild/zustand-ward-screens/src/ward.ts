import { createStore } from 'zustand/vanilla';

export interface Bed {
  number: number;
  patient?: string;
  pulse: number;
}

interface Ward {
  beds: Bed[];
  measured: (number: number, pulse: number) => void;
}

export const ward = createStore<Ward>()((set) => ({
  beds: Array.from({ length: 24 }, (_, number) => ({ number, pulse: 70 })),
  measured: (number, pulse) => set(({ beds }) => ({ beds: beds.map((bed) => (bed.number === number ? { ...bed, pulse } : bed)) })),
}));

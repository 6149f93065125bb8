import { effect, signal } from '@preact/signals-core';

export const fuelPrice = signal(1.72);

/** A quote for a removal: its total follows the price of fuel for as long as it is on the screen. */
export function quote(number, rooms, kilometres) {
  const offer = { number, rooms, kilometres, total: 0 };
  effect(() => {
    offer.total = 90 * rooms + 0.3 * kilometres * fuelPrice.value;
  });
  return offer;
}

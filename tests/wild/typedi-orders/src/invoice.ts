import { Inject, Service } from 'typedi';

export interface Order {
  id: number;
  land: 'NO' | 'SE';
  lines: { article: string; pieces: number; cents: number }[];
}

@Service()
export class Taxes {
  of(land: Order['land'], cents: number): number {
    return Math.round(cents * (land === 'NO' ? 0.25 : 0.12));
  }
}

/** What an order costs; there is one for each order. */
@Service()
export class Invoice {
  @Inject(() => Taxes) private readonly taxes!: Taxes;
  @Inject('order') private readonly order!: Order;

  total(): number {
    const net = this.order.lines.reduce((sum, line) => sum + line.pieces * line.cents, 0);
    return net + this.taxes.of(this.order.land, net);
  }
}

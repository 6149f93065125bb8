import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A cabin of the night ferry. */
@Entity()
export class Booking {
  @PrimaryColumn('integer') cabin!: number;
  @Column('text') by!: string;
}

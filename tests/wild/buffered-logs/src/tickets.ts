import { Body, Controller, Logger, Module, Post } from '@nestjs/common';

interface Sale {
  show: string;
  seats: string[];
  buyer: string;
}

@Controller('tickets')
export class TicketsController {
  private readonly logger = new Logger(TicketsController.name);

  private sold = 0;

  @Post()
  sell(@Body() sale: Sale) {
    this.sold += 1;
    this.logger.log({ event: 'sold', number: this.sold, show: sale.show, seats: sale.seats, buyer: sale.buyer });
    return { number: this.sold };
  }
}

@Module({ controllers: [TicketsController] })
export class TicketsModule {}

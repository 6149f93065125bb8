import { ConsoleLogger } from '@nestjs/common';

export class JsonLogger extends ConsoleLogger {
  private written = 0;

  log(message: unknown, context?: string): void {
    this.written += 1;
    if (this.written % 5000 === 1) process.stdout.write(`${JSON.stringify({ level: 'info', context, message })}\n`);
  }
}

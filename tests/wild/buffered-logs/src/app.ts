import 'reflect-metadata';
import type { RequestListener } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { JsonLogger } from './logger';
import { TicketsModule } from './tickets';

export async function handler(): Promise<RequestListener> {
  const app = await NestFactory.create(TicketsModule, { bufferLogs: true });
  app.useLogger(new JsonLogger());
  await app.init();
  return app.getHttpAdapter().getInstance();
}

import winston from 'winston';

const { combine, json, timestamp } = winston.format;

/** The log of one job: all that it says has the job in it. */
export function jobLog(job) {
  return winston.createLogger({
    level: 'warn',
    defaultMeta: { job },
    format: combine(timestamp(), json()),
    transports: [new winston.transports.Console({ handleExceptions: true })],
  });
}

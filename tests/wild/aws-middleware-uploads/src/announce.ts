import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

export interface Upload {
  id: string;
  trace: string;
  pages: { number: number; words: string[] }[];
}

/** Tells the indexer of an upload; the trace goes along as a header. */
export async function announce(sqs: SQSClient, queue: string, upload: Upload): Promise<string | undefined> {
  sqs.middlewareStack.add(
    (next) => async (args) => {
      const input = args.input as { MessageBody?: string };
      if (input.MessageBody?.includes(upload.id)) {
        (args.request as { headers: Record<string, string> }).headers['x-trace'] = upload.trace;
      }
      return next(args);
    },
    { step: 'build', tags: ['TRACE'] },
  );
  const words = upload.pages.reduce((sum, page) => sum + page.words.length, 0);
  const sent = await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: JSON.stringify({ id: upload.id, words }) }));
  return sent.MessageId;
}

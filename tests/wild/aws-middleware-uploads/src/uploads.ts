import { SQSClient } from '@aws-sdk/client-sqs';
import { announce, type Upload } from './announce';
import { serve } from './sqs';

function read(n: number): Upload {
  const pages = Array.from({ length: 12 }, (_, number) => ({
    number,
    words: Array.from({ length: 60 }, (_, word) => `w${(n * 31 + number * 7 + word) % 5000}`),
  }));
  return { id: `up-${n}`, trace: `1-${n.toString(16).padStart(8, '0')}-0af7651916cd43dd`, pages };
}

serve((endpoint) => {
  const sqs = new SQSClient({ endpoint, region: 'eu-north-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  let n = 0;
  setInterval(() => {
    announce(sqs, `${endpoint}/000000000000/uploads`, read(++n)).catch((error) => console.error(error.message));
  }, 150);
  console.log('ready');
});

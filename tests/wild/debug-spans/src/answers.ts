import { tracer } from './tracing';

export interface Question {
  text: string;
  conversation: string;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function search(question: Question): Promise<string[]> {
  return tracer.startActiveSpan('search', async (span) => {
    span.setAttribute('search.terms', question.text.split(' ').slice(0, 6).join(','));
    await pause(2);
    const found = Array.from({ length: 5 }, (_, at) => `document-${(question.text.length * 31 + at * 7) % 4000}`);
    span.setAttribute('search.documents', found);
    span.end();
    return found;
  });
}

export async function answer(question: Question): Promise<string> {
  return tracer.startActiveSpan('answer', async (span) => {
    span.setAttributes({ 'conversation.id': question.conversation, 'question.text': question.text });
    const documents = await search(question);
    span.addEvent('documents', { count: documents.length });
    await pause(3);
    span.end();
    return `See ${documents.join(', ')}.`;
  });
}

import { Annotation, END, MemorySaver, START, StateGraph } from '@langchain/langgraph';
import { draft, route } from './model.js';

const State = Annotation.Root({
  messages: Annotation({ reducer: (before, added) => before.concat(added), default: () => [] }),
  desk: Annotation()
});

const graph = new StateGraph(State)
  .addNode('triage', async ({ messages }) => ({ desk: route(messages.at(-1)) }))
  .addNode('reply', async ({ messages, desk }) => ({ messages: [{ role: 'assistant', text: await draft(desk, messages) }] }))
  .addEdge(START, 'triage')
  .addEdge('triage', 'reply')
  .addEdge('reply', END);

const agent = graph.compile({ checkpointer: new MemorySaver() });

export async function ask(conversation, text) {
  const { messages } = await agent.invoke(
    { messages: [{ role: 'user', text }] },
    { configurable: { thread_id: conversation } }
  );
  return messages.at(-1).text;
}

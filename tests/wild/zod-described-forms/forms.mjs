import { z } from 'zod/v4';

// What a guest may send; the descriptions are shown beside the fields.
const booking = () =>
  z.object({
    name: z.string().min(1).describe('The name of the guest'),
    people: z.number().int().min(1).max(8).describe('How many people come'),
    from: z.string().describe('The first day'),
  });

export function accept(sent) {
  const result = booking().safeParse(sent);
  return result.success ? [] : result.error.issues.map((issue) => issue.message);
}

import { z } from 'zod';

export const person = z.object({
  name: z.string({ required_error: 'a name is needed', invalid_type_error: 'a name is text' }),
  tags: z.record(z.number()).optional(),
});
export function problems(value) {
  const result = person.safeParse(value);
  return result.success ? [] : result.error.errors.map((one) => one.message);
}

import * as z from "zod";

/** The one shape of every answer that is not a success, as `Problem` travels. */
export const ErrorBody = z
  .object({
    detail: z.string().meta({ description: "A sentence for the person who called" }),
    errors: z
      .array(
        z.object({
          loc: z
            .array(z.union([z.string(), z.int()]))
            .meta({ description: "path, query, header or body, then the way to the field" }),
          msg: z.string().meta({ description: "What is wrong with it; never repeats what was sent" }),
          type: z.string().meta({ description: "The kind of rule that it breaks" }),
        }),
      )
      .optional()
      .meta({ description: "One entry per field, when the input was refused" }),
  })
  .meta({ id: "Failure" });
export type ErrorBody = z.infer<typeof ErrorBody>;

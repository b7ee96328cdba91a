import * as z from "zod";

/**
 * The same schema, refusing fields that it does not declare, at every depth: what an answer must look like to the
 * letter. Knows the schemas that answers are made of; throws for any other, so that nothing goes unchecked.
 */
export function strictSchema(schema: z.core.$ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries<z.core.$ZodType>(schema.shape);
    const shape = Object.fromEntries(fields.map(([name, field]) => [name, strictSchema(field)]));
    return schema.clone({ ...schema.def, shape, catchall: z.never() });
  }
  if (schema instanceof z.ZodArray)
    return schema.clone({ ...schema.def, element: strictSchema(schema.def.element) });
  if (schema instanceof z.ZodRecord)
    return schema.clone({ ...schema.def, valueType: strictSchema(schema.def.valueType) });
  if (schema instanceof z.ZodUnion) return z.union(schema.def.options.map(strictSchema));
  if (schema instanceof z.ZodNullable) return strictSchema(schema.def.innerType).nullable();
  // Of settings, which are answered in the schema that they come in: whole.
  if (schema instanceof z.ZodDefault) return strictSchema(schema.def.innerType);
  if (schema instanceof z.ZodOptional) return strictSchema(schema.def.innerType).optional();
  if (schema instanceof z.ZodType && LEAVES.some((leaf) => schema instanceof leaf)) return schema;
  throw new Error(
    `An answer holds a ${schema._zod.def.type}, which test/support/strict-schema.ts does not know`,
  );
}

const LEAVES = [
  z.ZodString,
  z.ZodStringFormat,
  z.ZodNumber,
  z.ZodBoolean,
  z.ZodEnum,
  z.ZodLiteral,
  z.ZodNull,
  // What a field was before and after a change, of whatever kind.
  z.ZodUnknown,
  // What was sent is answered as it was understood, in the schema that it came in.
  z.ZodPipe,
];

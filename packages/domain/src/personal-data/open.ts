/** What keeps a person to one run of a kind at a time. */
import { find, openRunKey, tableName, type Write } from "../table/index.ts";

/** Takes the place of a run; its condition fails when there is one. */
export const takeOpen = (open_key: string, run_id: string): Write => ({
  Put: {
    TableName: tableName,
    Item: { ...openRunKey(open_key), run_id },
    ConditionExpression: "attribute_not_exists(pk)",
  },
});

/** Frees the place of a run that is done. */
export const releaseOpen = (open_key: string): Write => ({
  Delete: { TableName: tableName, Key: openRunKey(open_key) },
});

/** The run that has the place; undefined for none. */
export const findOpen = (open_key: string): Promise<string | undefined> =>
  find({ key: openRunKey(open_key), parse: ({ Item }) => ({ data: String(Item.run_id) }) });

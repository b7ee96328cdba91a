import { TransactWriteCommand, type TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { dynamo } from "./client.ts";
import { transact } from "./transact.ts";

type Item = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

/** One write of a transaction, whichever subject it comes from. */
export type Write = Item;

/** What ElectroDB's operations have in common: their parameters can be asked for instead of being sent. */
interface Operation {
  params<P>(): P;
}

/** Writes of whole items: `create` and `put`. */
export const putting = (operation: Operation): Write => ({
  Put: operation.params<NonNullable<Item["Put"]>>(),
});

/** `patch` and `update`. */
export const updating = (operation: Operation): Write => ({
  Update: operation.params<NonNullable<Item["Update"]>>(),
});

/** `delete` and `remove`. */
export const deleting = (operation: Operation): Write => ({
  Delete: operation.params<NonNullable<Item["Delete"]>>(),
});

/** DynamoDB's limit of a transaction. */
export const WRITES_AT_ONCE = 100;

interface Canceled {
  readonly CancellationReasons?: readonly { readonly Code?: string }[];
}

const isCanceled = (error: unknown): error is Error & Canceled =>
  error instanceof Error && error.name === "TransactionCanceledException" && "CancellationReasons" in error;

async function send(writes: readonly Write[]) {
  try {
    await dynamo.send(new TransactWriteCommand({ TransactItems: [...writes] }));
    return { canceled: false, data: [] };
  } catch (error) {
    if (!isCanceled(error)) throw error;
    return {
      canceled: true,
      data: (error.CancellationReasons ?? []).map(({ Code = "None" }) => ({ code: Code })),
    };
  }
}

/**
 * Writes all or none of up to 100 items of any subjects. Answers the numbers of those whose condition failed; none
 * when they are written. Conflicts and throttling are tried again, as `transact` says.
 *
 * @throws as `transact`
 */
export const commit = (writes: readonly Write[]): Promise<readonly number[]> =>
  transact(() => ({ go: () => send(writes) }));

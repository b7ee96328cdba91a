import type { Feed } from "../follow.ts";

type Receive<Item> = (items: readonly Item[]) => void;

/**
 * A feed whose first load takes a snapshot, and from the feed only what changed since. Without a snapshot, or with one
 * that turns out not to be whole, it takes everything from the feed.
 *
 * @param load hands out a snapshot's rows and answers until when it is complete (ISO), or undefined
 */
export const fromSnapshot = <Item>(
  feed: Feed<Item>,
  load: (receive: Receive<Item>) => Promise<string | undefined>,
): Feed<Item> => ({
  async all(receive) {
    const complete_until = await load(receive);
    await (complete_until === undefined ? feed.all(receive) : feed.since(complete_until, receive));
  },
  since: feed.since,
});

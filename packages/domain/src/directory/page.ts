import type { Paging } from "@success-manager/contract/paging";
import { formatCursor, parseCursor } from "../table/index.ts";
import type { Order, SortedView } from "./sorted.ts";

/**
 * One page of a view, with the total of the rows that `keep` keeps.
 * @param question everything that `keep` depends on; then the selection is remembered until a row changes
 */
export function paginate<T>(
  view: SortedView<T>,
  order: Order,
  keep: (row: T) => boolean,
  { skip, limit, cursor }: Paging,
  question?: object,
) {
  const selected = view.select(order, keep, question && JSON.stringify(question));
  const start = cursor === undefined ? skip : view.upperBound(selected, order, parseCursor(cursor));
  const rows = selected.slice(start, start + limit);
  const last = rows.at(-1);
  const more = last !== undefined && start + limit < selected.length;
  return {
    rows,
    total: selected.length,
    skip,
    limit,
    next_cursor: more ? formatCursor(view.position(last)) : null,
  };
}

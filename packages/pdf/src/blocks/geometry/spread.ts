/** Something that would like to stand at a height. */
export interface Wish {
  /** Where its middle would like to be. */
  readonly at: number;
  readonly height: number;
}

/**
 * Tops for things beside an axis from 0 to `height`, in the order they came in: each as near to its wish as the
 * others let it, none on another. They need not have more height together than there is; if they do, the last
 * ones reach beyond it.
 */
export function spread(wishes: readonly Wish[], height: number): readonly number[] {
  const order = wishes.map((_, index) => index).sort((a, b) => (wishes[a]?.at ?? 0) - (wishes[b]?.at ?? 0));
  const tops: number[] = wishes.map(() => 0);
  let free = 0;
  for (const index of order) {
    const wish = wishes[index];
    if (wish === undefined) continue;
    const top = Math.max(free, wish.at - wish.height / 2);
    tops[index] = top;
    free = top + wish.height;
  }
  let end = height;
  for (const index of order.toReversed()) {
    const own = wishes[index]?.height ?? 0;
    tops[index] = Math.max(0, Math.min(tops[index] ?? 0, end - own));
    end = tops[index] ?? 0;
  }
  return tops;
}

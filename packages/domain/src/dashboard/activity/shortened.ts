/** How much of a long text a line of the feed shows. */
const SHOWN = 100;

/** The first 100 characters of a text, never half of one, and an ellipsis when there are more. */
export function shortened(text: string): string {
  if (text.length <= SHOWN) return text;
  // A character takes two code units at most.
  const characters = Array.from(text.slice(0, 2 * SHOWN + 2));
  return characters.length <= SHOWN ? text : `${characters.slice(0, SHOWN).join("")}…`;
}

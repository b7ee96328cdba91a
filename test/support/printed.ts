/** How people read dates and amounts, counted by hand. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"];

/** `22 Nov 2026`, from a date or an instant: as alerts name days. */
export const printedDate = (date: string): string => {
  const [year, month, day] = date.slice(0, 10).split("-").map(Number);
  return `${day} ${MONTHS[(month ?? 0) - 1]} ${year}`;
};

/** `$1,234.50` */
export const dollars = (amount: number) => {
  const [whole = "", cents] = amount.toFixed(2).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `$${grouped}${cents === "00" ? "" : `.${cents}`}`;
};

/** `$48.5K`, `$1.23M`, `$28.9M`, `$123.5B`; as it is below ten thousand. */
export function shortDollars(amount: number): string {
  if (amount < 1e4) return dollars(amount);
  const units = [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "K"],
  ] as const;
  // What is rounded up to a thousand of a unit is one of the next: $999,999 is $1M.
  const rounded = units.map(([size, unit]) => {
    const count = amount / size;
    return { count: Number(count.toFixed(count < 10 ? 2 : 1)), unit };
  });
  const { count, unit } = rounded.find((one) => one.count >= 1) ?? { count: amount, unit: "" };
  return `$${count}${unit}`;
}

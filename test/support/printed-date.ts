const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"];

/** `22 Nov 2026`, from a date or an instant: as alerts name days. */
export const printedDate = (date: string): string => {
  const [year, month, day] = date.slice(0, 10).split("-").map(Number);
  return `${day} ${MONTHS[(month ?? 0) - 1]} ${year}`;
};

import { expect, it } from "vitest";
import { daysOf } from "./window.ts";

it.each([
  [{}, "2026-10-23", "2026-11-22"],
  [{ end_date: "2026-03-15" }, "2026-02-13", "2026-03-15"],
  [{ start_date: "2026-11-01" }, "2026-11-01", "2026-11-22"],
  [{ start_date: "2026-12-01" }, "2026-12-01", "2026-11-22"],
  [{ end_date: "1900-01-01" }, "1899-12-02", "1900-01-01"],
  [{ start_date: "1900-01-01", end_date: "2999-12-31" }, "1900-01-01", "2999-12-31"],
])("%j asks for the days from %s to %s", (query, start, end) => {
  expect(daysOf(query, "2026-11-22")).toEqual({ start, end });
});

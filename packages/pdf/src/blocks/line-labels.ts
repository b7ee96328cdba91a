import type { Line, LineChart } from "../document.ts";
import type { Frame } from "../layout/piece.ts";
import type { TextLine } from "../text/typesetter.ts";
import { sizes } from "../theme.ts";
import { isFigure, shownFigure } from "./geometry/figure.ts";

/** What stands beside the end of a line: its latest value, and what it is. */
export interface LineLabel {
  readonly value: TextLine;
  /** Its name; when its latest value is older than the last point, the name of that point. */
  readonly names: readonly TextLine[];
  readonly height: number;
  readonly width: number;
  /** Index of the latest value; none when there is no value at all. */
  readonly last: number | undefined;
}

/** Width of the sample of a line beside its value; one line alone needs none. */
export const SAMPLE = 24;

/** Space between two labels. */
const APART = 3;

/** The labels of lines, at most `width` wide. */
export function labelsOf(
  { title, points, lines }: LineChart,
  width: number,
  { type }: Frame,
): readonly LineLabel[] {
  const alone = lines.length === 1;
  return lines.map((line) => {
    const last = latest(line, points.length);
    const value = last === undefined ? undefined : line.values[last];
    const figure = isFigure(value) ? shownFigure(value) : "No data";
    const indent = alone ? 0 : SAMPLE;
    const shown = type.line(figure, { size: sizes.body, weight: "bold" }, width - indent);
    const name = alone && line.name === title ? undefined : line.name;
    const when = last === undefined || last === points.length - 1 ? undefined : points[last];
    const names = [
      ...(name === undefined ? [] : type.lines(name, { size: sizes.small }, width, lines.length > 6 ? 1 : 2)),
      ...(when === undefined ? [] : [type.line(when, { size: sizes.small }, width)]),
    ];
    return {
      value: shown,
      names,
      height: names.reduce((sum, { height }) => sum + height, shown.height) + APART,
      width: names.reduce((widest, one) => Math.max(widest, one.width), shown.width + indent),
      last,
    };
  });
}

function latest({ values }: Line, count: number): number | undefined {
  const index = values.slice(0, count).findLastIndex(isFigure);
  return index < 0 ? undefined : index;
}

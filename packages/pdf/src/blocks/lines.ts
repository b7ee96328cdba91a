import type { LineChart } from "../document.ts";
import type { LayOut, Piece } from "../layout/piece.ts";
import { extentOf } from "./geometry/extent.ts";
import { isFigure } from "./geometry/figure.ts";
import { drawPlot } from "./line-drawing.ts";
import { BESIDE, plotOf } from "./line-plot.ts";
import { nothing } from "./nothing.ts";
import { layTitle } from "./title.ts";

/** Above the plot: half of the topmost figure of the axis. */
const HEAD = 6;
/** More lines than this can't be told apart. */
const MOST = 12;

/** Lines over time, between a grid and their latest values. What is beyond twelve lines is only counted. */
export const layLines: LayOut<LineChart> = (block, frame) => {
  const heading = layTitle(block.title, frame);
  const drawn = { ...block, lines: block.lines.slice(0, MOST) };
  const figures = drawn.lines.flatMap(({ values }) => values.slice(0, block.points.length).filter(isFigure));
  if (figures.length === 0) return [...heading, nothing(frame)];
  const plot = plotOf(drawn, extentOf(figures, block.range), frame);
  const names = plot.names.reduce((most, { line }) => Math.max(most, line.height), 0);
  const chart: Piece = {
    height: HEAD + plot.height + BESIDE + names,
    draw: (canvas, x, top) => drawPlot(canvas, drawn, plot, x, top + HEAD),
  };
  const left = block.lines.length - drawn.lines.length;
  return [...heading, chart, ...(left > 0 ? [nothing(frame, `And ${left} more, not drawn.`)] : [])];
};

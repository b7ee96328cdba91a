import type { LineChart } from "../document.ts";
import type { Frame } from "../layout/piece.ts";
import type { TextLine } from "../text/typesetter.ts";
import { sizes } from "../theme.ts";
import { placesOf, type Spot, spotsOf } from "./geometry/course.ts";
import type { Extent } from "./geometry/extent.ts";
import { type AxisLabel, thinned } from "./geometry/thinned.ts";
import { type LineLabel, labelsOf } from "./line-labels.ts";

const HEIGHT = 128;
/** Between the plot and what is written on its left and under it. */
export const BESIDE = 8;
/** Between the plot and its labels: more when these begin with a sample, which else looks like the line going on. */
const APART = { text: 8, sample: 14 };
/** Shares of the width that the figures on the left, the labels on the right and a point's name take at most. */
const FIGURES = 0.2;
const LABELS = 0.24;
const NAME = 0.3;

/** A chart of lines before it is drawn. Places are those within the plot, downwards from its upper left corner. */
export interface Plot {
  /** Of its left edge from that of the block. */
  readonly left: number;
  readonly width: number;
  readonly height: number;
  /** Between its right edge and the labels. */
  readonly beside: number;
  readonly ticks: readonly { readonly value: number; readonly y: number; readonly shown: TextLine }[];
  readonly places: readonly number[];
  readonly names: readonly (AxisLabel & { readonly line: TextLine })[];
  readonly labels: readonly LineLabel[];
  readonly spots: readonly (readonly Spot[])[];
}

export function plotOf(block: LineChart, extent: Extent, frame: Frame): Plot {
  const { type, width: whole } = frame;
  const small = { size: sizes.small };
  const labels = labelsOf(block, whole * LABELS, frame);
  const height = labels.reduce((sum, label) => sum + label.height, 0);
  const figures = extent.ticks.map((tick) => ({
    ...tick,
    line: type.line(tick.shown, small, whole * FIGURES),
  }));
  const left = figures.reduce((most, { line }) => Math.max(most, line.width), 0) + BESIDE;
  const beside = block.lines.length === 1 ? APART.text : APART.sample;
  const width = whole - left - labels.reduce((most, label) => Math.max(most, label.width), 0) - beside;
  const tall = Math.max(HEIGHT, height);
  const yOf = (value: number) => tall - ((value - extent.least) / (extent.most - extent.least)) * tall;
  const places = placesOf(block.points.length, width);
  const name = (index: number) => type.line(block.points[index] ?? "", small, whole * NAME);
  const names = thinned(
    places.map((place) => left + place),
    (index) => name(index).width,
    whole,
  );
  return {
    left,
    width,
    height: tall,
    beside,
    ticks: figures.map(({ value, line }) => ({ value, y: yOf(value), shown: line })),
    places,
    names: names.map((label) => ({ ...label, line: name(label.index) })),
    labels,
    spots: block.lines.map(({ values }) => spotsOf(values, places, yOf)),
  };
}

/**
 * Logistic regression with few measures: Newton's method on the penalized likelihood (iteratively reweighted least
 * squares). No random start and no learning rate, so the same rows give the same weights.
 */

/** Rows of measures, one after the other: `values[row * width + measure]`. NaN is a missing value. */
export interface Matrix {
  readonly values: Float64Array;
  readonly width: number;
}

export interface LogisticModel {
  readonly intercept: number;
  /** Of each measure in its own unit. */
  readonly coefficients: readonly number[];
  /** The same per standard deviation of the measure: what can be compared with each other. */
  readonly standardized: readonly number[];
  /** What stands for a missing value. */
  readonly means: readonly number[];
  readonly converged: boolean;
}

const MAX_STEPS = 50;
const SMALL_STEP = 1e-8;

/** Solves `matrix x = vector` for a symmetric positive definite matrix, row by row (Cholesky); undefined if it is none. */
function solve(matrix: Float64Array, vector: Float64Array): Float64Array | undefined {
  const size = vector.length;
  const at = (values: Float64Array, index: number) => values[index] ?? 0;
  const lower = new Float64Array(size * size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column <= row; column++) {
      let rest = at(matrix, row * size + column);
      for (let k = 0; k < column; k++) rest -= at(lower, row * size + k) * at(lower, column * size + k);
      if (row === column && !(rest > 0)) return undefined;
      lower[row * size + column] =
        row === column ? Math.sqrt(rest) : rest / at(lower, column * size + column);
    }
  const result = Float64Array.from(vector);
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) result[row] = at(result, row) - at(lower, row * size + k) * at(result, k);
    result[row] = at(result, row) / at(lower, row * size + row);
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++)
      result[row] = at(result, row) - at(lower, k * size + row) * at(result, k);
    result[row] = at(result, row) / at(lower, row * size + row);
  }
  return result;
}

/** Means and standard deviations of the columns, of the values that are there. */
function scaleOf({ values, width }: Matrix, rows: Uint32Array) {
  const [counts, sums, squares] = [0, 1, 2].map(() => new Float64Array(width)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const each = (visit: (column: number, value: number) => void) => {
    for (const row of rows)
      for (let column = 0; column < width; column++) {
        const value = values[row * width + column] ?? Number.NaN;
        if (!Number.isNaN(value)) visit(column, value);
      }
  };
  each((column, value) => {
    counts[column] = (counts[column] ?? 0) + 1;
    sums[column] = (sums[column] ?? 0) + value;
  });
  const means = sums.map((sum, column) => sum / Math.max(1, counts[column] ?? 0));
  each((column, value) => {
    squares[column] = (squares[column] ?? 0) + (value - (means[column] ?? 0)) ** 2;
  });
  // A column that is the same everywhere explains nothing; it gets no weight.
  const scales = squares.map((sum, column) => Math.sqrt(sum / Math.max(1, counts[column] ?? 0)) || 1);
  return { means, scales };
}

/**
 * Fits the chance of leaving to measures. Missing values count as the mean of the others.
 *
 * @param rows the rows to learn from; all when absent
 * @param l2 penalty on the squares of the standardized coefficients; 1 is little with hundreds of rows, and keeps them
 *   finite where a measure separates perfectly. The intercept has none.
 */
export function fitLogistic(
  matrix: Matrix,
  left: Uint8Array,
  { rows, l2 = 1 }: { readonly rows?: Uint32Array; readonly l2?: number } = {},
): LogisticModel {
  const { values, width } = matrix;
  const taken = rows ?? Uint32Array.from(left.keys());
  const { means, scales } = scaleOf(matrix, taken);
  const size = width + 1;
  // The rows that are learned from, standardized once; the last column is the intercept's.
  const design = new Float64Array(taken.length * size);
  taken.forEach((row, place) => {
    for (let column = 0; column < width; column++) {
      const value = values[row * width + column] ?? Number.NaN;
      design[place * size + column] = Number.isNaN(value)
        ? 0
        : (value - (means[column] ?? 0)) / (scales[column] ?? 1);
    }
    design[place * size + width] = 1;
  });
  const labels = Uint8Array.from(taken, (row) => left[row] ?? 0);

  /** The penalized deviance, and where it falls. */
  function look(weights: Float64Array) {
    const gradient = new Float64Array(size);
    const hessian = new Float64Array(size * size);
    let loss = 0;
    for (let place = 0, start = 0; place < labels.length; place++, start += size) {
      let sum = 0;
      for (let column = 0; column < size; column++)
        sum += (design[start + column] ?? 0) * (weights[column] ?? 0);
      const label = labels[place] ?? 0;
      const chance = 1 / (1 + Math.exp(-sum));
      loss += Math.max(sum, 0) - sum * label + Math.log1p(Math.exp(-Math.abs(sum)));
      const [miss, weight] = [label - chance, chance * (1 - chance)];
      for (let column = 0; column < size; column++) {
        const value = design[start + column] ?? 0;
        gradient[column] = (gradient[column] ?? 0) + miss * value;
        const weighted = weight * value;
        for (let other = 0; other <= column; other++)
          hessian[column * size + other] =
            (hessian[column * size + other] ?? 0) + weighted * (design[start + other] ?? 0);
      }
    }
    for (let column = 0; column < width; column++) {
      const weight = weights[column] ?? 0;
      loss += (l2 / 2) * weight * weight;
      gradient[column] = (gradient[column] ?? 0) - l2 * weight;
      hessian[column * size + column] = (hessian[column * size + column] ?? 0) + l2;
    }
    // A trace on the diagonal: constant columns and certain rows leave no curvature.
    for (let column = 0; column < size; column++)
      hessian[column * size + column] = (hessian[column * size + column] ?? 0) + 1e-9;
    return { loss, gradient, hessian };
  }

  let weights = new Float64Array(size);
  let here = look(weights);
  let converged = false;
  for (let step = 0; step < MAX_STEPS && !converged; step++) {
    const move = solve(here.hessian, here.gradient);
    if (!move) break;
    let next = here;
    let share = 1;
    let tried = weights;
    // A whole step may go too far where chances are near 0 or 1.
    for (; share > 1e-4; share /= 2) {
      tried = weights.map((weight, column) => weight + share * (move[column] ?? 0));
      next = look(tried);
      if (next.loss <= here.loss) break;
    }
    if (next.loss > here.loss) break;
    converged = move.every((change) => Math.abs(share * change) < SMALL_STEP);
    weights = tried;
    here = next;
  }
  const standardized = Array.from(weights.subarray(0, width));
  const coefficients = standardized.map((weight, column) => weight / (scales[column] ?? 1));
  const shift = coefficients.reduce((sum, weight, column) => sum + weight * (means[column] ?? 0), 0);
  return {
    intercept: (weights[width] ?? 0) - shift,
    ...{ coefficients, standardized, means: Array.from(means), converged },
  };
}

/** The chance of leaving of a row, by a model. */
export function predict(model: LogisticModel, { values, width }: Matrix, row: number): number {
  let sum = model.intercept;
  for (let column = 0; column < width; column++) {
    const value = values[row * width + column] ?? Number.NaN;
    sum += (model.coefficients[column] ?? 0) * (Number.isNaN(value) ? (model.means[column] ?? 0) : value);
  }
  return 1 / (1 + Math.exp(-sum));
}

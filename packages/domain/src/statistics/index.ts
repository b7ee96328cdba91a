export {
  type Auc,
  type BacktestBand,
  type BacktestOptions,
  type BacktestResult,
  type BacktestRow,
  backtest,
  type Comparison,
  compareScores,
  MIN_DEPARTURES,
  type OutcomeAt,
  outcomeAt,
  type Verdict,
} from "./backtest.ts";
export {
  type Cluster,
  clusteredShare,
  differenceOf,
  type Interval,
  meanInterval,
  type Share,
  sampledShare,
  shareOf,
  wilson,
  Z_95,
} from "./estimates.ts";
export { forecastRecord, type RenewalForecast, type RenewalHistory, renewalForecast } from "./forecast.ts";
export { createRandom, type Random } from "./random.ts";

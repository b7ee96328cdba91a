import { type Counters, type DirectorySeries, parseCounters, type TotalsRow } from "../counters/index.ts";
import type { StoredDeployment, StoredRenewal } from "../table/index.ts";
import {
  normalizeCustomer,
  normalizeDeployment,
  normalizeLastInteraction,
  normalizeLedger,
  normalizeRenewal,
  normalizeScore,
  normalizeTeamMember,
} from "./normalize.ts";
import { createTeam } from "./people.ts";
import type { CustomerState, DirectoryItem } from "./rows.ts";

/** Also newer is what has no revision that could be compared: reading it will tell. */
const isNewer = (item: DirectoryItem, than: { readonly revision: number } | undefined) =>
  !(item.revision <= (than?.revision ?? 0));

/** Deployments with another one, or a newer one in its place. */
function withDeployment(deployments: readonly StoredDeployment[], deployment: StoredDeployment) {
  const index = deployments.findIndex(({ id }) => id === deployment.id);
  return index < 0 ? [...deployments, deployment] : deployments.with(index, deployment);
}

/** Renewals with another one, or a newer one in its place; in the order of their numbers. */
const withRenewal = (renewals: readonly StoredRenewal[], renewal: StoredRenewal) =>
  [...renewals.filter(({ id }) => id !== renewal.id), renewal].sort((a, b) => a.number - b.number);

/** No list for each of those without any. */
const NO_RENEWALS: readonly StoredRenewal[] = [];

/** The latest revision of every row, in whatever order and however often they are received. */
export function latestRows() {
  const customers = new Map<string, CustomerState>();
  const team = createTeam();
  const totals = new Map<DirectorySeries, Pick<TotalsRow, "revision"> & { readonly counters: Counters }>();

  const stateOf = (id: string): CustomerState => {
    const existing = customers.get(id);
    if (existing) return existing;
    const made: CustomerState = {
      id,
      customer: undefined,
      score: undefined,
      contact: undefined,
      ledger: undefined,
      renewals: NO_RENEWALS,
      deployments: [],
    };
    customers.set(id, made);
    return made;
  };

  return {
    team,
    totals: (series: DirectorySeries): Counters => totals.get(series)?.counters ?? {},
    /**
     * Stores a row when it is newer than the stored one; answers the customers that it touches, undefined otherwise.
     * @throws a sentence for people when the row is not what it should be; the stored one stays
     */
    update(item: DirectoryItem): readonly CustomerState[] | undefined {
      switch (item.__edb_e__) {
        case "customer": {
          const state = stateOf(item.id);
          if (!isNewer(item, state.customer)) return undefined;
          state.customer = normalizeCustomer(item);
          return [state];
        }
        case "latest_score": {
          const state = stateOf(item.customer_id);
          if (!isNewer(item, state.score)) return undefined;
          state.score = normalizeScore(item, state.id);
          return [state];
        }
        case "last_contact": {
          const state = stateOf(item.customer_id);
          if (!isNewer(item, state.contact)) return undefined;
          state.contact = normalizeLastInteraction(item, state.id);
          return [state];
        }
        case "outcome_ledger": {
          const state = stateOf(item.customer_id);
          if (!isNewer(item, state.ledger)) return undefined;
          state.ledger = normalizeLedger(item, state.id);
          return [state];
        }
        case "deployment": {
          const state = stateOf(item.customer_id);
          const before = state.deployments.find(({ id }) => id === item.id);
          if (!isNewer(item, before)) return undefined;
          state.deployments = withDeployment(state.deployments, normalizeDeployment(item, state.id));
          return [state];
        }
        case "renewal": {
          const state = stateOf(item.customer_id);
          const before = state.renewals.find(({ id }) => id === item.id);
          if (!isNewer(item, before)) return undefined;
          state.renewals = withRenewal(state.renewals, normalizeRenewal(item, state.id));
          return [state];
        }
        case "teammate": {
          if (!isNewer(item, team.byId.get(item.id))) return undefined;
          const isTouched = team.set(normalizeTeamMember(item));
          return [...customers.values()].filter(({ customer }) => customer && isTouched(customer));
        }
        case "totals":
          if (!isNewer(item, totals.get(item.series))) return undefined;
          totals.set(item.series, { revision: item.revision, counters: parseCounters({ ...item }) });
          return [];
        default:
          // A newer version of this code may write kinds that this one doesn't know.
          return undefined;
      }
    },
  };
}

/**
 * What a server on FastAPI, SQLAlchemy and PostgreSQL with two workers takes for the same calls on the same data and
 * two cores: p50 in ms over one connection at 100 and at 10 000 customers, the better of two runs.
 */
export const REFERENCE: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  "/auth/me": { 100: 4.0, 10000: 3.8 },
  "/customers?limit=20": { 100: 45, 10000: 57 },
  "/customers?search=…": { 100: 26, 10000: 69 },
  "/customers?sort_by=company_name&skip=…": { 100: 44, 10000: 50 },
  "/customers/{id}": { 100: 12, 10000: 16 },
  "/customers/{id}/timeline": { 100: 9, 10000: 10 },
  "/customers/{id}/health-history": { 100: 9, 10000: 7 },
  "/deployments/stats": { 100: 14, 10000: 42 },
  "/deployments/expiring?days=60": { 100: 9, 10000: 22 },
  "/health-scores/trends": { 100: 11, 10000: 578 },
  "/health-scores/at-risk": { 100: 10, 10000: 109 },
  "/interactions?limit=20": { 100: 10, 10000: 133 },
  "/interactions/summary": { 100: 31, 10000: 496 },
  "/csat/analytics": { 100: 448, 10000: 49_890 },
  "/alerts?limit=20": { 100: 7, 10000: 18 },
  "/alerts/stats": { 100: 14, 10000: 556 },
  "/alerts/dashboard": { 100: 17, 10000: 88 },
  "/dashboard/stats": { 100: 22, 10000: 496 },
  "/dashboard/health-distribution": { 100: 10, 10000: 433 },
  "/dashboard/health-trends": { 100: 53, 10000: 85_932 },
  "/dashboard/csat-trends": { 100: 32, 10000: 2_954 },
  "/dashboard/customer-segments": { 100: 91, 10000: 8_261 },
  "/dashboard/upcoming-renewals": { 100: 14, 10000: 773 },
  "/dashboard/recent-activity?limit=10": { 100: 31, 10000: 2_884 },
  "/dashboard/account-manager-performance": { 100: 56, 10000: 1_325 },
  "POST /interactions": { 100: 10, 10000: 10 },
  "POST /csat": { 100: 9, 10000: 9 },
  "POST /auth/login": { 10000: 234 },
};

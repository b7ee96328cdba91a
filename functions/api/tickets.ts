import { tickets } from "@success-manager/contract/tickets";
import { Tickets } from "@success-manager/domain/tickets";
import { serve } from "../serve.ts";

export const handler = serve(tickets, {
  list: ({ query }) => Tickets.list(query),
  create: ({ body, actor }) => Tickets.create(body, actor),
  stats: () => Tickets.stats(),
  ofCustomer: ({ params, query }) => Tickets.listByCustomer(params.id, query),
  get: ({ params }) => Tickets.get(params.id),
  update: ({ params, body, meta }) => Tickets.update(params.id, body, meta.ifMatch),
  listComments: ({ params, query }) => Tickets.listComments(params.id, query),
  addComment: ({ params, body, actor }) => Tickets.addComment(params.id, body, actor),
});

import { personalData } from "@success-manager/contract/personal-data";
import { PersonalData } from "@success-manager/domain/personal-data";
import { serve } from "../serve.ts";

export const handler = serve(personalData, {
  exportPerson: ({ body, actor }) => PersonalData.start("export", body, actor),
  erase: ({ body, actor }) => PersonalData.start("erasure", body, actor),
  getRun: ({ params }) => PersonalData.getRun(params.id),
});

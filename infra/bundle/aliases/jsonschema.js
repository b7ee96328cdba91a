// ElectroDB checks each model against a JSON schema when it is created. Tests and scripts run unbundled and check all
// models; bundles skip that: 30 KB, and time for each entity.
export class Validator {
  addSchema() {}
  validate() {
    return { errors: [], valid: true };
  }
}
Validator.prototype.customFormats = {};

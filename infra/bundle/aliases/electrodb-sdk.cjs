// What ElectroDB gets when it requires the SDK; filled by electrodb.js.
module.exports = {};

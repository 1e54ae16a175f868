// A process whose user has the rights of a configuration file: runs statements on an embedded warehouse, and prints for each its
// result or the engine's error, as JSON. The configuration is the process's, so a test cannot do it in its own.
// Usage: node granted-session.mjs WAREHOUSE CONFIG_FILE STATEMENT…

import process from 'node:process';
import { Session } from 'chdb';

const [location, config, ...statements] = process.argv.slice(2);
const session = new Session(location, { connectionArgs: [`--config-file=${config}`] });
const answers = statements.map((sql) => {
  try {
    return { result: session.query(sql, 'TabSeparated').trimEnd() };
  } catch (error) {
    return { error: error.message };
  }
});
process.stdout.write(JSON.stringify(answers));

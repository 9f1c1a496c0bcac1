// Launcher of the npm scripts: node functions/local/run.cjs <file.ts> [arguments]. Checks the version of Node, then runs the
// file as the main module of this process, so that signals and exit codes are those of the file. Like node-version.cjs
// without syntax newer than Node 6; runMain instead of import(), which an old Node could not parse.
require('./node-version.cjs');

process.argv.splice(1, 1);
process.argv[1] = require('node:path').resolve(process.argv[1]);
require('node:module').runMain();

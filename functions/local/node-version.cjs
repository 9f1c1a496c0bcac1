// Loaded before anything that an older Node cannot even parse: plain CommonJS, no modern syntax.
var major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    'Turnstone needs Node 24, this is Node ' +
      process.versions.node +
      ': run `npm ci` without --ignore-scripts (it installs Node 24 beside the other packages) and start through npm.\n',
  );
  process.exit(1);
}

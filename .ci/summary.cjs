// Prints the failed tests of several runs with the first lines of their messages, then the closing line. The runs are given as
// pairs of a report and an exit code. Counts as one failure each: a file that could not be loaded, and a run that failed without
// a failed test.
const { readFileSync } = require('node:fs');

const read = (report) => {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] };
  }
};

let passed = 0;
let failed = 0;
const describe = (title, messages) =>
  console.log(`FAILED ${title}\n${messages.join('\n').split('\n').slice(0, 12).join('\n')}\n`);

const runs = process.argv.slice(2);
for (let i = 0; i < runs.length; i += 2) {
  const { numPassedTests, numFailedTests, testResults } = read(runs[i]);
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  for (const { name, message } of unloaded) describe(name, [message ?? '']);
  for (const { name, assertionResults } of testResults)
    for (const { status, fullName, failureMessages } of assertionResults)
      if (status === 'failed') describe(`${name} > ${fullName}`, failureMessages);
  const failures = numFailedTests + unloaded.length;
  if (failures === 0 && runs[i + 1] !== '0') describe(`run ${i / 2 + 1} ended with code ${runs[i + 1]}`, []);
  passed += numPassedTests;
  failed += failures || (runs[i + 1] === '0' ? 0 : 1);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

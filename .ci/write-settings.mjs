// Writes the tables of settings and of limits into the README; a test compares them.
import { readFileSync, writeFileSync } from 'node:fs';
import { limitsTable } from '../functions/api/http/limits.ts';
import { cloudSettingsTable, settingsTable } from '../shared/platform/config/config.ts';

const readme = new URL('../README.md', import.meta.url);

const withTable = (text, mark, table) =>
  text.replace(
    new RegExp(`(?<=<!-- ${mark} -->\n)[^]*?(?=<!-- /${mark} -->)`),
    () => `${table}\n`,
  );

const text = withTable(readFileSync(readme, 'utf8'), 'settings', settingsTable());
const withLimits = withTable(text, 'limits', limitsTable());
writeFileSync(readme, withTable(withLimits, 'cloud settings', cloudSettingsTable()));

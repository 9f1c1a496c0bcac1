// Writes the tables of settings into the README; a test compares them.
import { readFileSync, writeFileSync } from 'node:fs';
import { cloudSettingsTable, settingsTable } from '../shared/platform/config.ts';

const readme = new URL('../README.md', import.meta.url);

const withTable = (text, mark, table) =>
  text.replace(
    new RegExp(`(?<=<!-- ${mark} -->\n)[^]*?(?=<!-- /${mark} -->)`),
    () => `${table}\n`,
  );

const text = withTable(readFileSync(readme, 'utf8'), 'settings', settingsTable());
writeFileSync(readme, withTable(text, 'cloud settings', cloudSettingsTable()));

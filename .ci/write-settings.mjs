// Writes the tables of settings, limits and clients into the documents, and .env.example. A house test compares them.
import { readFileSync, writeFileSync } from 'node:fs';
import { limitsTable } from '../functions/api/http/limits.ts';
import { cloudSettingsTable, envExample, settingsTable } from '../shared/platform/config/config.ts';
import { npmTable, otherClientsTable } from '../test/support/clients/compatibility.ts';
import { featureTable } from '../test/support/clients/feature.ts';
import { memosFeatures } from '../test/support/clients/memos-features.ts';
import { memvFeatures } from '../test/support/clients/memv-features.ts';
import { deploySettingsTable } from '../shared/platform/config/config-deploy.ts';

const fileOf = (path) => new URL(`../${path}`, import.meta.url);

/** Replaces what a document has between `<!-- mark -->` and `<!-- /mark -->`. */
const writeTable = (path, mark, table) => {
  const text = readFileSync(fileOf(path), 'utf8');
  const between = new RegExp(`(?<=<!-- ${mark} -->\n)[^]*?(?=<!-- /${mark} -->)`);
  if (!between.test(text)) throw new Error(`${path} has no <!-- ${mark} -->.`);
  writeFileSync(
    fileOf(path),
    text.replace(between, () => `${table}\n`),
  );
};

writeTable('shared/platform/README.md', 'settings', settingsTable());
writeTable('shared/platform/README.md', 'cloud settings', cloudSettingsTable());
writeTable('functions/api/README.md', 'limits', limitsTable());
writeTable('functions/docs/clients.md', 'npm client', npmTable());
writeTable('functions/docs/clients.md', 'other clients', otherClientsTable());
const systems = 'functions/docs/memos-and-memv.md';
writeTable(systems, 'MemOS', featureTable(memosFeatures, '../..'));
writeTable(systems, 'memv', featureTable(memvFeatures, '../..'));
writeTable('infra/README.md', 'settings', deploySettingsTable());
writeFileSync(fileOf('.env.example'), envExample());

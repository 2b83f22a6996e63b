// Writes the dashboards: node dashboards/boards/make.mjs
// With --check it writes nothing, and fails if a file differs from what it would write.
import {readFileSync, writeFileSync} from 'node:fs';
import agent from './agent.mjs';
import nlb from './nlb.mjs';
import overview from './overview.mjs';

const check = process.argv.includes('--check');
let stale = 0;
for (const board of [overview, nlb, agent]) {
  const file = new URL(`../${board.uid}.json`, import.meta.url);
  const text = `${JSON.stringify(board, null, 2)}\n`;
  if (!check) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(`dashboards/${board.uid}.json is not what dashboards/boards generates: run node dashboards/boards/make.mjs`);
    stale++;
  }
}
process.exitCode = stale > 0 ? 1 : 0;

// The boards as they are shipped, read once for all checks.
import {readdirSync, readFileSync} from 'node:fs';

const folder = new URL('../', import.meta.url);

export const boards = readdirSync(folder).filter((name) => name.endsWith('.json')).sort()
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')));

/** The panels of a board, without its headings. */
export const shown = (board) => board.panels.filter((panel) => panel.type !== 'row');

// Sends all queries of the boards to a Prometheus: node queries.mjs --prometheus URL --nlb IP [--without NAME]...
// Each must be answered without an error and with data, unless empty.json says why it may be empty: always, or in a
// demo without the named part.
import {readFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {boards, shown} from './boards.mjs';
import {answer, substituted} from './prometheus.mjs';

const {values: {prometheus, nlb, without}} = parseArgs({options: {
  prometheus: {type: 'string'}, nlb: {type: 'string'}, without: {type: 'string', multiple: true, default: []},
}});
const SPAN_SECONDS = 60;
const STEP_SECONDS = 5;
const variables = {nlb, __rate_interval: '20s', __interval: '5s'};

const allowed = JSON.parse(readFileSync(new URL('empty.json', import.meta.url), 'utf8'));
const used = new Set();
const mayBeEmpty = (board, place) => {
  const found = allowed.filter((each) => [board, '*'].includes(each.board)
    && (place === each.place || place.startsWith(`${each.place}, `)));
  found.forEach((each) => used.add(each));
  return found.some((each) => !each.without || without.includes(each.without));
};

const end = Math.floor(Date.now() / 1000);
const asked = [];
const ask = async (board, place, path, parameters) => {
  const {error, data} = await answer(prometheus, path, parameters);
  const rows = error ? [] : data.result ?? data;
  const empty = rows.every(({value, values}) => value ? value[1] === 'NaN' : values?.every(([, each]) => each === 'NaN'));
  asked.push({place: `${board.uid}: ${place}`, error, empty: rows.length === 0 || (typeof rows[0] !== 'string' && empty), allowed: mayBeEmpty(board.uid, place)});
};

for (const board of boards) {
  for (const {name, type, definition} of board.templating.list) {
    if (type === 'datasource') continue;
    const [, series, label] = definition.match(/^label_values\((.*), (\w+)\)$/);
    await ask(board, `variable ${name}`, `label/${label}/values`, {'match[]': substituted(series, variables)});
  }
  for (const {name, expr} of board.annotations.list.filter((each) => each.expr)) {
    await ask(board, `annotation ${name}`, 'query_range', {query: substituted(expr, variables), start: end - SPAN_SECONDS, end, step: STEP_SECONDS});
  }
  for (const panel of shown(board)) {
    for (const {refId, expr, instant} of panel.targets) {
      const query = substituted(expr, variables);
      const place = `${panel.title}, ${refId}`;
      await (instant
        ? ask(board, place, 'query', {query, time: end})
        : ask(board, place, 'query_range', {query, start: end - SPAN_SECONDS, end, step: STEP_SECONDS}));
    }
  }
}

let wrong = 0;
for (const each of asked) {
  if (each.error) {
    console.error(`${each.place}: ${each.error}`);
    wrong++;
  } else if (each.empty && !each.allowed) {
    console.error(`${each.place}: no data`);
    wrong++;
  }
}
for (const each of allowed.filter((entry) => !used.has(entry))) {
  console.error(`empty.json: there is no ${each.place} on ${each.board}`);
  wrong++;
}
console.log(`queries: ${asked.length} asked; ${asked.filter((each) => each.empty && each.allowed).length} empty for a reason; ${wrong} wrong`);
process.exitCode = wrong > 0 ? 1 : 0;

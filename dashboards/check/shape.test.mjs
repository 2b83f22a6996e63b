// Tests that the checks detect problems: node --test
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {boards} from './boards.mjs';
import {unconventional} from './conventions.mjs';
import {mistyped} from './types.mjs';

/** A copy of the overview with one thing changed. */
const changed = (change) => {
  const board = structuredClone(boards.find(({uid}) => uid === 'denywatch-overview'));
  change(board, (type) => board.panels.find((panel) => panel.type === type));
  return board;
};

const unconventionalBoards = {
  'a board that viewers can edit': (board) => (board.editable = true),
  'a board with the id of one server': (board) => (board.id = 7),
  'a query of one data source': (board, panel) => (panel('stat').targets[0].datasource.uid = 'abc'),
  'a panel of one data source': (board, panel) => (panel('stat').datasource.uid = 'abc'),
  'a variable that is read once': (board) => (board.templating.list[1].refresh = 1),
  'a cluster variable that misses series without a cluster': (board) => (board.templating.list[2].allValue = '.+'),
  'a variable too few': (board) => board.templating.list.pop(),
  'a panel without a description': (board, panel) => (panel('table').description = ''),
  'a unit that is none': (board, panel) => (panel('timeseries').fieldConfig.defaults.unit = 'packets'),
  'a number that is always green': (board, panel) => (panel('stat').fieldConfig.defaults.color.mode = 'palette-classic'),
  'a panel without a query': (board, panel) => (panel('stat').targets = []),
  'a fixed range': (board, panel) => (panel('stat').targets[0].expr = 'sum(rate(denywatch_denied_packets_total{job=~"$job",cluster=~"$cluster"}[5m]))'),
  'a query of all jobs': (board, panel) => (panel('stat').targets[0].expr = 'sum(denywatch_log_readable{cluster=~"$cluster"})'),
  'a query of all clusters': (board, panel) => (panel('stat').targets[0].expr = 'sum(nlb:denywatch_denied_packets:rate5m{nlb="x"})'),
  'a query without a selector': (board, panel) => (panel('stat').targets[0].expr = 'sum(denywatch_log_readable)'),
  'a counter as it is': (board, panel) => (panel('stat').targets[0].expr = 'sum(denywatch_log_lines_total{job=~"$job",cluster=~"$cluster"})'),
  'a line for each node of the cluster': (board, panel) =>
    (panel('timeseries').targets[0] = {...panel('timeseries').targets[0], expr: 'node:denywatch_denied_packets:rate5m{cluster=~"$cluster"}', legendFormat: '{{node}}'}),
  'panels on top of each other': (board, panel) => (panel('table').gridPos.y = panel('stat').gridPos.y),
  'a hole in a line': (board, panel) => panel('stat').gridPos.w--,
  'an id twice': (board, panel) => (panel('stat').id = panel('table').id),
  'a title twice': (board, panel) => (panel('stat').title = panel('table').title),
  'an annotation over a fixed range': (board) => (board.annotations.list[1].expr = 'increase(denywatch_promotions_total{job=~"$job",cluster=~"$cluster"}[1m])'),
};

for (const [name, change] of Object.entries(unconventionalBoards)) {
  test(`conventions refuse ${name}`, () => assert.notDeepEqual(unconventional(changed(change)), []));
}

const mistypedBoards = {
  'an option that a panel does not have': (board, panel) => (panel('table').options.footer = {show: false}),
  'an option with a value that it does not take': (board, panel) => (panel('stat').options.graphMode = 'bars'),
  'an option of another type': (board, panel) => (panel('timeseries').options.legend.calcs = 'max'),
  'a style that lines do not have': (board, panel) => (panel('timeseries').fieldConfig.defaults.custom.drawStyle = 'dots'),
  'an override of what there is not': (board, panel) => panel('table').fieldConfig.overrides[0].properties.push({id: 'custom.widht', value: 1}),
  'a field option that there is not': (board, panel) => (panel('bargauge').fieldConfig.defaults.minimum = 0),
  'a board option that there is not': (board) => (board.editible = false),
  'a kind of panel that is not known': (board, panel) => (panel('stat').type = 'singlestat'),
};

test('types refuse all of these and nothing else', async (t) => {
  const cases = {...mistypedBoards, 'nothing at all': () => {}};
  // One compilation for all cases, because each takes seconds.
  const copies = Object.entries(cases).map(([name, change]) => ({...changed(change), uid: name}));
  const {problems} = mistyped(copies);
  for (const name of Object.keys(mistypedBoards)) {
    await t.test(name, () => assert.ok(problems.some((problem) => problem.startsWith(name)), problems.join('\n')));
  }
  await t.test('an unchanged board', () => assert.deepEqual(problems.filter((problem) => problem.startsWith('nothing at all')), []));
});

test('conventions let an unchanged board pass', () => assert.deepEqual(unconventional(changed(() => {})), []));

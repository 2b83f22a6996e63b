// The rules of Grafana's dashboard-linter, and some that keep boards usable in a large cluster.
// Deliberate exceptions: recorded series have no job (the rule selects it), and the two boards about traffic have no
// variable for an instance.
import {shown} from './boards.mjs';

const DATA_SOURCE = '${datasource}';
const UID_LENGTH = 40;
const GRID_WIDTH = 24;
/** Units in use; Grafana shows an unknown unit as text after the number. */
const UNITS = ['Bps', 'bytes', 'suffix: cores', 'suffix: lines/s', 'suffix: sources/s', 'none', 'percentunit', 'pps', 'reqps', 's', 'short'];
/** Variables of each board after the data source, in this order. */
const VARIABLES = {
  'denywatch-agent': ['job', 'cluster', 'node', 'instance'],
  'denywatch-nlb': ['job', 'cluster', 'nlb'],
  'denywatch-overview': ['job', 'cluster'],
};
/** Labels with hundreds of values in a large cluster: graphs with a line for each need topk. */
const PER_THING = ['node', 'instance', 'nlb', 'source'];

/** The problems of a board, one a line. */
export function unconventional(board) {
  const problems = [];
  const wrong = (what) => problems.push(`${board.uid}: ${what}`);
  const check = (holds, what) => holds || wrong(what);

  check(board.uid.length <= UID_LENGTH, `uid is longer than ${UID_LENGTH}`);
  check(board.id === null, 'id must be null');
  check(board.editable === false, 'editable must be false');
  check(board.schemaVersion === 41, 'schemaVersion must be 41');
  check(!('__inputs' in board) && !('__requires' in board), '__inputs and __requires belong to exports');
  check(board.graphTooltip === 1, 'graphTooltip must be 1: one crosshair for all panels');
  check(board.tags.includes('denywatch'), 'the tag denywatch is what boards are linked by');
  check(board.links.some((link) => link.type === 'dashboards' && link.includeVars && link.keepTime), 'no link to the other boards');
  check(board.title && board.description, 'no title or description');
  variables(board, wrong);
  annotations(board, wrong);
  panels(board, wrong);
  return problems;
}

function variables(board, wrong) {
  const [source, ...rest] = board.templating.list;
  if (source.type !== 'datasource' || source.name !== 'datasource' || source.label !== 'Data source' || source.query !== 'prometheus') {
    wrong('the first variable must be the data source, named datasource, labelled Data source');
  }
  const names = rest.map((each) => each.name);
  if (names.join() !== VARIABLES[board.uid]?.join()) {
    wrong(`variables are ${names}; wanted: ${VARIABLES[board.uid]}`);
  }
  for (const each of rest) {
    const say = (what) => wrong(`variable ${each.name}: ${what}`);
    if (each.datasource.uid !== DATA_SOURCE) say('is of another data source');
    if (each.refresh !== 2) say('is not refreshed when the time range changes');
    if (each.sort !== 1) say('is not sorted');
    if (!each.label) say('has no label');
    if (each.definition !== each.query.query) say('definition and query differ');
    if (!each.definition.includes('label_values(denywatch_')) say('is no label_values of a metric of denywatch');
    if (each.name !== 'nlb') {
      const all = each.name === 'cluster' ? '.*' : '.+';
      if (!each.multi || !each.includeAll || each.allValue !== all) say(`must allow several and All, which is ${all}`);
    }
  }
}

function annotations(board, wrong) {
  const own = board.annotations.list.filter((each) => !each.builtIn);
  if (own.length < 2) wrong('annotations for blocked sources and for restarts are missing');
  for (const each of own) {
    if (each.datasource.uid !== DATA_SOURCE) wrong(`annotation ${each.name} is of another data source`);
    expression(each.expr, (what) => wrong(`annotation ${each.name}: ${what}`));
  }
}

function panels(board, wrong) {
  const taken = [];
  const ids = new Set();
  for (const panel of board.panels) {
    const say = (what) => wrong(`${panel.title || panel.id}: ${what}`);
    if (ids.has(panel.id)) say('its id is taken');
    ids.add(panel.id);
    const {x, y, w, h} = panel.gridPos;
    if (x + w > GRID_WIDTH) say('is wider than the grid');
    for (const [other, at] of taken) {
      if (y < at.y + at.h && at.y < y + h && x < at.x + at.w && at.x < x + w) say(`overlaps ${other}`);
    }
    taken.push([panel.title, panel.gridPos]);
  }
  const titles = shown(board).map((panel) => panel.title);
  for (const title of titles) {
    if (titles.indexOf(title) !== titles.lastIndexOf(title)) wrong(`two panels are called ${title}`);
  }
  for (const panel of shown(board)) {
    panelContent(panel, (what) => wrong(`${panel.title || panel.id}: ${what}`));
  }
  for (const y of new Set(board.panels.map((panel) => panel.gridPos.y))) {
    const width = board.panels.filter(({gridPos}) => gridPos.y <= y && gridPos.y + gridPos.h > y)
      .reduce((sum, {gridPos}) => sum + gridPos.w, 0);
    if (width !== GRID_WIDTH) wrong(`the line at ${y} is ${width} wide; wanted: ${GRID_WIDTH}`);
  }
}

function panelContent(panel, say) {
  if (!panel.title || !panel.description) say('has no title or description');
  if (panel.title?.includes('TODO') || panel.description?.includes('TODO')) say('is not done');
  if (panel.datasource.uid !== DATA_SOURCE) say('is of another data source');
  const units = [panel.fieldConfig.defaults.unit,
    ...panel.fieldConfig.overrides.flatMap(({properties}) => properties.filter(({id}) => id === 'unit').map(({value}) => value))];
  for (const unit of units) {
    if (!UNITS.includes(unit)) say(`unit ${unit} is not one of ${UNITS}`);
  }
  if (panel.type === 'stat' && panel.fieldConfig.defaults.color.mode !== 'thresholds') say('a number that is not coloured by thresholds is green whatever it is');
  if (panel.targets.length === 0) say('has no query');
  for (const target of panel.targets) {
    if (target.datasource.uid !== DATA_SOURCE) say(`query ${target.refId} is of another data source`);
    if (panel.type === 'timeseries' && target.instant) say(`query ${target.refId} has no past to draw`);
    if (panel.type === 'table' && (!target.instant || target.format !== 'table')) say(`query ${target.refId} makes no table`);
    expression(target.expr, (what) => say(`query ${target.refId}: ${what}`));
    const perThing = PER_THING.filter((label) => target.legendFormat.includes(`{{${label}}}`));
    if (panel.type !== 'table' && perThing.length > 0 && !/topk\(\d+/.test(target.expr) && !target.expr.endsWith('> 0')) {
      say(`query ${target.refId}: a line for each ${perThing} has no end in a large cluster; wanted: topk`);
    }
  }
}

/** Checks each PromQL expression; queries.mjs evaluates it on a Prometheus. */
function expression(expr, say) {
  for (const [, call, range] of expr.matchAll(/\b(rate|irate|increase|changes)\([^[]*\[([^\]]*)\]/g)) {
    if (range !== '$__rate_interval') say(`${call} over ${range}; wanted: $__rate_interval`);
  }
  for (const [, name, matchers] of expr.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}/g)) {
    if (!matchers.includes('cluster=~"$cluster"')) say(`${name} does not ask for $cluster`);
    if (!name.includes(':') && name !== 'ALERTS' && !matchers.includes('job=~"$job"')) say(`${name} does not ask for $job`);
  }
  for (const [, name] of expr.matchAll(/\b(denywatch_\w+|(?:nlb|cluster|node)[a-z_]*:[\w:]+)(?![\w:{])/g)) {
    say(`${name} is of all clusters and jobs`);
  }
  for (const [, name] of expr.matchAll(/\b(denywatch_\w+_total)\b/g)) {
    if (!new RegExp(`(rate|increase)\\([^[]*${name}`).test(expr)) say(`${name} is a counter without rate or increase`);
  }
}

// Panels, queries and variables as all boards use them. A board is a list of rows; positions on the grid, ids and
// Grafana's other required fields are derived from it.

const prometheus = {type: 'prometheus', uid: '${datasource}'};
const GRID_WIDTH = 24;
const HEADING_HEIGHT = 1;

/** Thresholds: a base colour, then pairs of a value and the colour that applies from that value on. */
export const steps = (base, ...rest) => [
  {color: base, value: null},
  ...rest.map(([value, color]) => ({color, value})),
];

/** For quantities that are neither good nor bad. */
const NEUTRAL = steps('blue');
/** Values above 0 deserve a look (WATCH) or need action (ACT). */
export const WATCH = steps('green', [1, 'orange']);
export const ACT = steps('green', [1, 'red']);

/** A dashed line, for comparison with the others. */
export const dashed = (name) => ({
  matcher: {id: 'byName', options: name},
  properties: [{id: 'custom.lineStyle', value: {fill: 'dash', dash: [6, 6]}}, {id: 'custom.fillOpacity', value: 0}],
});

/** Colours by name, so that the same thing has the same colour on every board. */
export const colors = (names) => Object.entries(names).map(([name, color]) => ({
  matcher: {id: 'byName', options: name},
  properties: [{id: 'color', value: {mode: 'fixed', fixedColor: color}}],
}));

/** The title and looks of a table's column: `column('Value #A', {unit: 'pps'})`. */
export const column = (name, properties) => ({
  matcher: {id: 'byName', options: name},
  properties: Object.entries(properties).map(([id, value]) => ({id, value})),
});

/** Links from names of load balancers to their board, with the current time range and cluster. */
export const opens = (title, board, variables) => [{
  title,
  url: `/d/${board}?${variables}&\${datasource:queryparam}&\${cluster:queryparam}&\${__url_time_range}`,
  targetBlank: false,
}];

/** A query over the time range; `legend` names its lines. */
export const query = (expr, legend = '__auto') => ({
  datasource: prometheus, expr, legendFormat: legend, instant: false, range: true, format: 'time_series', editorMode: 'code',
});

/** A query for current values, which bars and tables show. */
export const now = (expr, legend = '__auto') => ({...query(expr, legend), instant: true, range: false});

/** Rows of a table, with current values. */
export const rows = (expr) => ({...now(expr, ''), format: 'table'});

const panel = (type, title, description, size, targets, defaults, options, more = {}) => ({
  type, title, description, size, datasource: prometheus,
  targets: targets.map((target, i) => ({...target, refId: String.fromCharCode('A'.charCodeAt(0) + i)})),
  fieldConfig: {
    defaults: {mappings: [], ...defaults, thresholds: {mode: 'absolute', steps: defaults.thresholds ?? NEUTRAL}},
    overrides: more.overrides ?? [],
  },
  options,
  transformations: more.transformations ?? [],
  links: [],
});

const reduce = {calcs: ['lastNotNull'], fields: '', values: false};

/** One number and its history. `text` is what is shown: value, name or value_and_name. */
export const stat = (title, description, width, target, unit, {text = 'value', graph = 'area', ...field} = {}) =>
  panel('stat', title, description, {w: width, h: 4}, [target],
    {unit, color: {mode: 'thresholds'}, ...field},
    {
      colorMode: 'value', graphMode: graph, justifyMode: 'auto', orientation: 'auto', reduceOptions: reduce, textMode: text,
      wideLayout: true, showPercentChange: false, percentChangeColorMode: 'standard',
    });

/**
 * Lines over time. `look` is lines, areas (stacked) or bars (stacked). If there is room, the legend is on the right,
 * with the last and the highest values, else below.
 */
export const graph = (title, description, width, targets, unit,
  {look = 'lines', legend = width < 12 ? 'below' : 'right', height = 8, overrides, steps: thresholds, custom, ...field} = {}) =>
  panel('timeseries', title, description, {w: width, h: height}, targets,
    {
      unit, min: 0, color: {mode: 'palette-classic'}, ...(thresholds && {thresholds}), ...field,
      custom: {
        drawStyle: look === 'bars' ? 'bars' : 'line', lineWidth: look === 'lines' ? 2 : 1,
        fillOpacity: {lines: 5, areas: 40, bars: 80}[look], gradientMode: 'none', lineInterpolation: 'linear',
        showPoints: 'never', spanNulls: false, stacking: {mode: look === 'lines' ? 'none' : 'normal', group: 'A'},
        axisPlacement: 'auto', scaleDistribution: {type: 'linear'},
        // Otherwise, the axis of an empty panel would reach to 100.
        ...(unit === 'none' && field.decimals === 0 && {axisSoftMax: 1}),
        thresholdsStyle: {mode: thresholds ? 'dashed' : 'off'}, ...custom,
      },
    },
    {
      legend: legend === 'right'
        ? {displayMode: 'table', placement: 'right', showLegend: true, calcs: ['lastNotNull', 'max'], sortBy: 'Last *', sortDesc: true}
        : {displayMode: 'list', placement: 'bottom', showLegend: true, calcs: []},
      tooltip: {mode: 'multi', sort: 'desc'},
    },
    {overrides});

/** Bars, longest first. */
export const bars = (title, description, width, target, unit, {height = 9, ...field} = {}) =>
  panel('bargauge', title, description, {w: width, h: height}, [target],
    {unit, min: 0, color: {mode: 'thresholds'}, ...field},
    {
      displayMode: 'basic', orientation: 'horizontal', reduceOptions: reduce, showUnfilled: true, minVizHeight: 14,
      minVizWidth: 8, maxVizHeight: 24, namePlacement: 'left', sizing: 'manual', valueMode: 'text',
      legend: {calcs: [], displayMode: 'list', placement: 'bottom', showLegend: false},
    });

/**
 * A table with one row per object. Each of `columns`, in order, is a label or `Value #A` (of the first query) and so
 * on, then a title and the looks. Other columns are not shown.
 */
export const table = (title, description, width, targets, columns, {height = 9, sortBy, noValue} = {}) =>
  panel('table', title, description, {w: width, h: height}, targets,
    {
      unit: 'none', color: {mode: 'thresholds'}, ...(noValue && {noValue}),
      custom: {align: 'auto', cellOptions: {type: 'auto'}, inspect: false, filterable: false},
    },
    {showHeader: true, cellHeight: 'sm', frameIndex: 0, sortBy: [{displayName: sortBy, desc: true}]},
    {
      // The text for an empty table must not appear in empty cells.
      overrides: columns.map(([, name, look]) => column(name, {...(noValue && {noValue: ' '}), ...look}))
        .filter(({properties}) => properties.length > 0),
      transformations: [
        {id: 'merge', options: {}},
        {id: 'filterFieldsByName', options: {include: {names: columns.map(([name]) => name)}}},
        {id: 'organize', options: {
          excludeByName: {},
          indexByName: Object.fromEntries(columns.map(([name], i) => [name, i])),
          renameByName: Object.fromEntries(columns.map(([name, shown]) => [name, shown])),
        }},
      ],
    });

/** Looks of columns. */
export const colored = (...thresholds) => ({
  'custom.cellOptions': {type: 'color-text'},
  thresholds: {mode: 'absolute', steps: steps(...thresholds)},
});
/** Texts that stand for something good or bad. */
export const mapped = (texts) => ({
  'custom.cellOptions': {type: 'color-text'},
  mappings: [{
    type: 'value',
    options: Object.fromEntries(Object.entries(texts).map(([value, [text, color]], index) => [value, {text, color, index}])),
  }],
});
export const severities = mapped({
  critical: ['critical', 'red'], error: ['error', 'red'], warning: ['warning', 'orange'], info: ['info', 'blue'], note: ['note', 'blue'],
});
export const gauge = (unit) => ({
  unit, min: 0, fieldMinMax: true, 'custom.cellOptions': {type: 'gauge', mode: 'basic', valueDisplayMode: 'text'},
  thresholds: {mode: 'absolute', steps: NEUTRAL},
});

/** A variable with the values of a label. Several or all can be chosen, or exactly one if `one` is set. */
export const variable = (name, label, expr, {all = '.+', one = false, sort = 1} = {}) => ({
  type: 'query', name, label, datasource: prometheus, definition: expr,
  query: {qryType: 1, query: expr, refId: 'PrometheusVariableQueryEditor-VariableQuery'},
  refresh: 2, sort, multi: !one, includeAll: !one, ...(one ? {} : {allValue: all}), hide: 0, options: [], regex: '',
  skipUrlSync: false,
  current: one ? {text: '', value: ''} : {selected: true, text: ['All'], value: ['$__all']},
});

const dataSource = {
  type: 'datasource', name: 'datasource', label: 'Data source', query: 'prometheus', refresh: 1, hide: 0, regex: '',
  options: [], multi: false, includeAll: false, current: {text: '', value: ''}, skipUrlSync: false,
};

/** Series need not have a cluster: the variable is then empty, and All means any cluster or none. */
const everywhere = [
  variable('job', 'Job', 'label_values(denywatch_build_info, job)'),
  variable('cluster', 'Cluster', 'label_values(denywatch_build_info{job=~"$job"}, cluster)', {all: '.*'}),
];

const annotation = (name, on, color, expr, title, text, tags) => ({
  name, datasource: prometheus, enable: on, hide: false, iconColor: color, expr, step: '60s', titleFormat: title,
  textFormat: text, tagKeys: tags, useValueForTime: false,
});

const annotations = [
  {
    builtIn: 1, datasource: {type: 'grafana', uid: '-- Grafana --'}, enable: true, hide: true,
    iconColor: 'rgba(0, 211, 255, 1)', name: 'Annotations & Alerts', type: 'dashboard',
  },
  annotation('Sources blocked', true, 'red',
    'sum by (outcome) (increase(denywatch_promotions_total{job=~"$job",cluster=~"$cluster",outcome=~"applied|dry_run"}[$__rate_interval])) > 0',
    'Sources blocked', '{{outcome}}', 'outcome'),
  annotation('Agent restarts', false, 'blue',
    'changes(process_start_time_seconds{job=~"$job",cluster=~"$cluster"}[$__rate_interval]) > 0',
    'Agent restarted', '{{node}}', 'node'),
];

/**
 * A whole board. Each of `sections` is a heading followed by lines of panels; the panels of a line have the same
 * height, and a list in place of a panel is a stack of panels.
 */
export function board(uid, title, description, variables, sections) {
  const panels = [];
  let y = 0;
  const place = ({size: {w, h}, ...rest}, x, top) =>
    panels.push({id: panels.length + 1, gridPos: {x, y: top, w, h}, ...rest});
  for (const [heading, ...lines] of sections) {
    panels.push({
      id: panels.length + 1, type: 'row', title: heading, collapsed: false,
      gridPos: {x: 0, y, w: GRID_WIDTH, h: HEADING_HEIGHT}, panels: [],
    });
    y += HEADING_HEIGHT;
    for (const line of lines) {
      let x = 0;
      let height = 0;
      for (const entry of line) {
        const stack = [entry].flat();
        let top = y;
        for (const each of stack) {
          place(each, x, top);
          top += each.size.h;
        }
        x += stack[0].size.w;
        height = Math.max(height, top - y);
      }
      y += height;
    }
  }
  return {
    uid, title, description, tags: ['denywatch'], schemaVersion: 41, version: 1, id: null, editable: false,
    graphTooltip: 1, refresh: '1m', time: {from: 'now-6h', to: 'now'}, timepicker: {}, timezone: 'browser',
    fiscalYearStartMonth: 0, weekStart: '', liveNow: false,
    links: [{
      type: 'dashboards', tags: ['denywatch'], title: 'denywatch', asDropdown: true, includeVars: true, keepTime: true,
      targetBlank: false, icon: 'external link', tooltip: '', url: '',
    }],
    annotations: {list: annotations},
    templating: {list: [dataSource, ...everywhere, ...variables]},
    panels,
  };
}

// Converts answers to a panel's queries into frames for Grafana's components, like Grafana's Prometheus plugin,
// transformations and field overrides.
import {FieldType, applyFieldOverrides, getFieldDisplayName, standardTransformers, standardTransformersRegistry, toDataFrame, transformDataFrame, getValueFormats} from '@grafana/data';
import {lastValueFrom} from 'rxjs';
import {answer, substituted} from '../prometheus.mjs';

const {prometheus, nlb, range} = window.denywatch;
export const to = Math.floor(Date.now() / 1000);
export const from = to - range;
const POINTS = 200;
const step = Math.max(2, Math.floor(range / POINTS));
const variables = {nlb, __rate_interval: '30s', __interval: `${step}s`, datasource: 'prometheus'};
export const withVariables = (text) => substituted(text, variables);

// Some exist under two names.
standardTransformersRegistry.setInit(() => [...new Map(Object.values(standardTransformers).map((each) => [each.id, each])).values()]
  .map((each) => ({...each, transformation: () => Promise.resolve(each)})));

const units = new Set(getValueFormats().flatMap((group) => group.submenu.map((unit) => unit.value)));

/** All frames of a panel, ready to be drawn. */
export async function frames(panel, theme) {
  const several = panel.targets.length > 1;
  const answers = await Promise.all(panel.targets.map((target) => run(target, several)));
  const transformed = await lastValueFrom(transformDataFrame(panel.transformations, answers.flat()));
  if (panel.type === 'table') {
    transformed.forEach((frame) => frame.fields.forEach((field) => (field.name = getFieldDisplayName(field, frame, transformed))));
  }
  return overridden(transformed, panel, theme);
}

async function run({expr, instant, format, legendFormat, refId}, several) {
  const query = withVariables(expr);
  const {error, data} = instant
    ? await answer(prometheus, 'query', {query, time: to})
    : await answer(prometheus, 'query_range', {query, start: from, end: to, step});
  if (error) throw new Error(error);
  return format === 'table' ? [tableOf(data.result, refId, several)] : data.result.map((each) => seriesOf(each, legendFormat, refId));
}

function tableOf(rows, refId, several) {
  const labels = [...new Set(rows.flatMap(({metric}) => Object.keys(metric)))];
  const fields = rows.length === 0 ? [] : [
    {name: 'Time', type: FieldType.time, values: rows.map(({value}) => value[0] * 1000)},
    ...labels.map((name) => ({name, type: FieldType.string, values: rows.map(({metric}) => metric[name] ?? '')})),
    {name: several ? `Value #${refId}` : 'Value', type: FieldType.number, values: rows.map(({value}) => number(value[1]))},
  ];
  return toDataFrame({refId, fields});
}

function seriesOf({metric, value, values}, legendFormat, refId) {
  const points = values ?? [value];
  const at = new Map(points.map(([time, each]) => [time, number(each)]));
  // A missing point is a gap, as in Grafana's own frames.
  const times = values ? Array.from({length: Math.floor((to - from) / step) + 1}, (_, i) => from + i * step) : [value[0]];
  const name = legendFormat === '__auto'
    ? Object.values(metric).join(' ') || 'Value'
    : legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => metric[label] ?? '').trim();
  return toDataFrame({refId, name, fields: [
    {name: 'Time', type: FieldType.time, values: times.map((time) => time * 1000)},
    {name: 'Value', type: FieldType.number, labels: metric, config: {displayNameFromDS: name}, values: times.map((time) => at.get(time) ?? null)},
  ]});
}

const number = (text) => (text === 'NaN' ? null : Number(text));

/** Grafana uses a registry of options for this, which is part of its server. Of the matchers, only byName is in use. */
function overridden(all, panel, theme) {
  let index = 0;
  for (const frame of all) {
    for (const field of frame.fields) {
      if (field.type === FieldType.time) continue;
      field.config = {...structuredClone(panel.fieldConfig.defaults), ...field.config};
      const shown = field.config.displayNameFromDS ?? field.name;
      for (const {matcher, properties} of panel.fieldConfig.overrides) {
        if (matcher.id !== 'byName') throw new Error(`no matcher ${matcher.id} here`);
        if (matcher.options === shown) properties.forEach(({id, value}) => set(field.config, id.split('.'), value));
      }
      if (!units.has(field.config.unit) && !field.config.unit.startsWith('suffix:')) throw new Error(`there is no unit ${field.config.unit}`);
      if (field.type === FieldType.number) field.state = {...field.state, seriesIndex: index++};
    }
  }
  return applyFieldOverrides({data: all, fieldConfig: {defaults: {}, overrides: []}, replaceVariables: withVariables, theme, timeZone: 'utc'});
}

function set(config, [first, ...rest], value) {
  if (rest.length === 0) {
    config[first] = value;
  } else {
    config[first] = {...config[first]};
    set(config[first], rest, value);
  }
}

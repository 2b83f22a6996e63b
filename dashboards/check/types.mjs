// Compares each panel, each variable and each board with Grafana's own TypeScript types.
// An unknown option, or a value that Grafana does not accept, is an error.
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import ts from 'typescript';

/** The types of a panel's options, and of a field's options where it has any: [type, module, has field options]. */
const kinds = {
  bargauge: ['BarGauge', 'bargauge', false],
  stat: ['Stat', 'stat', false],
  table: ['Table', 'table', true],
  timeseries: ['TimeSeries', 'timeseries', true],
};

/** Fields of variables and annotations that a data source adds; Grafana's types do not contain them. */
const variableExtras = ['definition'];
const annotationExtras = ['expr', 'step', 'titleFormat', 'textFormat', 'tagKeys', 'useValueForTime'];

const without = (object, keys) => Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

const folder = new URL('./node_modules/.boards/', import.meta.url);

/** Lines of TypeScript, each with a part of a board and the type that it must have; and problems found so far. */
function typed(boards) {
  const lines = [
    "import type {Dashboard, Panel, RowPanel} from '@grafana/schema';",
    ...Object.values(kinds).map(([name, module]) =>
      `import type * as ${name} from '../@grafana/schema/dist/types/raw/composable/${module}/panelcfg/x/types.gen';`),
    // JSON contains the names of enum values as text.
    'type Json<T> = T extends string ? `${T}` | T : T extends number ? T : T extends (infer U)[] ? Json<U>[]'
      + ' : T extends object ? {[K in keyof T]: Json<T[K]>} : T;',
    "type Field = NonNullable<Panel['fieldConfig']>;",
    // Only the newer of the two schemas has this field, but the same program reads both.
    "type FieldOptions = Field['defaults'] & {fieldMinMax?: boolean};",
  ];
  const places = new Map();
  const problems = [];
  const holds = (place, type, value) => {
    places.set(lines.length, place);
    lines.push(`export const value${lines.length}: Json<${type}> = ${JSON.stringify(value)};`);
  };
  for (const board of boards) {
    for (const panel of board.panels) {
      const place = `${board.uid}: ${panel.title}`;
      if (panel.type === 'row') {
        holds(place, 'RowPanel', panel);
      } else if (panel.type in kinds) {
        panelParts(panel, place, holds);
      } else {
        problems.push(`${place}: no types for a panel of type ${panel.type}; known: ${Object.keys(kinds).join(', ')}`);
      }
    }
    const {panels, ...top} = board;
    holds(board.uid, "Omit<Dashboard, 'panels'>", {
      ...top,
      annotations: {list: board.annotations.list.map((each) => without(each, annotationExtras))},
      templating: {list: board.templating.list.map((each) => without(each, variableExtras))},
    });
  }
  return {lines, places, problems};
}

function panelParts(panel, place, holds) {
  const [name, , hasField] = kinds[panel.type];
  const {options, fieldConfig, ...rest} = panel;
  const {custom, ...defaults} = fieldConfig.defaults;
  holds(place, "Omit<Panel, 'options' | 'fieldConfig'>", rest);
  holds(`${place}, options`, `Partial<${name}.Options>`, options);
  holds(`${place}, field defaults`, "Field['defaults']", defaults);
  holds(`${place}, overrides`, "Field['overrides']", fieldConfig.overrides);
  if (hasField) {
    holds(`${place}, custom field options`, `Partial<${name}.FieldConfig>`, custom);
  }
  // An override may set only options of the field.
  for (const {properties} of fieldConfig.overrides) {
    const own = properties.filter(({id}) => id.startsWith('custom.')).map(({id, value}) => [id.slice('custom.'.length), value]);
    const common = properties.filter(({id}) => !id.startsWith('custom.')).map(({id, value}) => [id, value]);
    holds(`${place}, override`, 'Partial<FieldOptions>', Object.fromEntries(common));
    if (hasField) {
      holds(`${place}, override of custom options`, `Partial<${name}.FieldConfig>`, Object.fromEntries(own));
    }
  }
}

/** The problems of the boards, each of one or more lines, and the number of parts that were compared. */
export function mistyped(boards) {
  const {lines, places, problems} = typed(boards);
  rmSync(folder, {recursive: true, force: true});
  mkdirSync(folder, {recursive: true});
  const file = fileURLToPath(new URL('boards.ts', folder));
  writeFileSync(file, `${lines.join('\n')}\n`);
  const program = ts.createProgram([file], {
    noEmit: true, strict: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler, types: [],
  });
  for (const {file: source, start, messageText} of ts.getPreEmitDiagnostics(program)) {
    const line = source?.getLineAndCharacterOfPosition(start).line;
    problems.push(`${places.get(line) ?? 'types'}: ${ts.flattenDiagnosticMessageText(messageText, '\n  ')}`);
  }
  return {problems, parts: places.size};
}

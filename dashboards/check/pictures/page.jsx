// A board in a page: Grafana's components on Grafana's grid.
import {useEffect, useState, Component} from 'react';
import {createRoot} from 'react-dom/client';
import {ThemeContext, createTheme, dateTime, getFieldDisplayValues} from '@grafana/data';
import {BarGauge, BigValue, GlobalStyles, PanelChrome, TimeSeries, VizRepeater} from '@grafana/ui';
import {TableNG} from '@grafana/ui/unstable';
import {frames, from, to, withVariables} from './frames.js';

const {board, width: WIDTH} = window.denywatch;
const COLUMN = WIDTH / 24;
const ROW = 38;
const GAP = 8;
const theme = createTheme({colors: {mode: 'dark'}});
const times = {from: dateTime(from * 1000), to: dateTime(to * 1000)};
const timeRange = {...times, raw: times};

const panels = board.panels.filter((panel) => panel.type !== 'row');
window.drawn = {left: panels.length, problems: []};
const failed = (panel, error) => window.drawn.problems.push(`${panel.title}: ${error.message ?? error}`);

const values = (panel, data) => getFieldDisplayValues({
  fieldConfig: panel.fieldConfig, reduceOptions: panel.options.reduceOptions, replaceVariables: withVariables, theme, data,
  sparkline: panel.type === 'stat' && panel.options.graphMode !== 'none', timeZone: 'utc',
});

function Stat({panel, data, width, height}) {
  const shown = values(panel, data);
  return (
    <div style={{display: 'flex'}}>
      {shown.map(({display, sparkline}, i) => (
        <BigValue key={i} value={display} sparkline={sparkline} colorMode={panel.options.colorMode} graphMode={panel.options.graphMode}
          justifyMode={panel.options.justifyMode} textMode={panel.options.textMode} wideLayout={panel.options.wideLayout}
          width={width / shown.length} height={height} theme={theme}/>
      ))}
    </div>
  );
}

function Bars({panel, data, width, height}) {
  const shown = values(panel, data);
  const most = Math.max(...shown.map(({display}) => display.numeric));
  const {minVizHeight, maxVizHeight, displayMode, showUnfilled, valueMode, namePlacement} = panel.options;
  return (
    <VizRepeater source={shown} getValues={() => shown} renderCounter={1} width={width} height={height} orientation="horizontal"
      itemSpacing={6} minVizHeight={minVizHeight} maxVizHeight={maxVizHeight}
      getAlignmentFactors={(all) => ({
        title: all.reduce((longest, {display}) => (display.title.length > longest.length ? display.title : longest), ''),
        text: all.reduce((longest, {display}) => (display.text.length > longest.length ? display.text : longest), ''),
      })}
      renderValue={({value, width: w, height: h, alignmentFactors}) => (
        <BarGauge value={value.display} display={value.view?.getFieldDisplayProcessor?.(value.colIndex)}
          field={{...value.field, min: 0, max: most}} width={w} height={h} orientation="horizontal" theme={theme}
          displayMode={displayMode} showUnfilled={showUnfilled} valueDisplayMode={valueMode} namePlacement={namePlacement}
          alignmentFactors={alignmentFactors} itemSpacing={6}/>
      )}/>
  );
}

const Nothing = ({panel, height}) => (
  <div style={{textAlign: 'center', paddingTop: height / 2 - 12, color: theme.colors.text.secondary}}>
    {panel.fieldConfig.defaults.noValue ?? 'No data'}
  </div>
);

function Body({panel, width, height}) {
  const [data, setData] = useState(null);
  useEffect(() => {
    frames(panel, theme).then(setData, (error) => {
      failed(panel, error);
      setData([]);
    }).finally(() => window.drawn.left--);
  }, [panel]);
  if (!data) return null;
  if (data.every((frame) => frame.length === 0)) return <Nothing panel={panel} height={height}/>;
  switch (panel.type) {
    case 'stat': return <Stat panel={panel} data={data} width={width} height={height}/>;
    case 'bargauge': return <Bars panel={panel} data={data} width={width} height={height}/>;
    case 'timeseries': return (
      <TimeSeries frames={data} width={width} height={height} timeRange={timeRange} timeZone="utc" legend={panel.options.legend}
        options={panel.options} structureRev={1} replaceVariables={withVariables}>{() => null}</TimeSeries>
    );
    case 'table': return (
      <TableNG data={data[0]} width={width} height={height} cellHeight={panel.options.cellHeight} sortBy={panel.options.sortBy}
        timeRange={timeRange}/>
    );
    default: throw new Error(`no component for ${panel.type}`);
  }
}

class Caught extends Component {
  state = {};

  static getDerivedStateFromError(error) {
    return {error};
  }

  componentDidCatch(error) {
    failed(this.props.panel, error);
  }

  render() {
    return this.state.error ? <pre style={{color: 'red'}}>{String(this.state.error)}</pre> : this.props.children;
  }
}

function Placed({panel}) {
  const {x, y, w, h} = panel.gridPos;
  const style = {position: 'absolute', left: x * COLUMN + GAP / 2, top: y * ROW + GAP / 2};
  if (panel.type === 'row') {
    return <div style={{...style, color: theme.colors.text.primary, fontWeight: 500, lineHeight: `${ROW - GAP}px`}}>▾ {withVariables(panel.title)}</div>;
  }
  return (
    <div style={style}>
      <PanelChrome title={panel.title} description={panel.description} width={w * COLUMN - GAP} height={h * ROW - GAP}>
        {(width, height) => <Caught panel={panel}><Body panel={panel} width={width} height={height}/></Caught>}
      </PanelChrome>
    </div>
  );
}

const height = Math.max(...board.panels.map(({gridPos}) => gridPos.y + gridPos.h)) * ROW + GAP;
document.body.style.background = theme.colors.background.canvas;
createRoot(document.getElementById('root')).render(
  <ThemeContext.Provider value={theme}>
    <GlobalStyles/>
    <div style={{padding: '8px 8px 0', height: 38, boxSizing: 'border-box', fontSize: 20, color: theme.colors.text.primary}}>{board.title}</div>
    <div style={{position: 'relative', width: WIDTH, height}}>
      {board.panels.map((panel) => <Placed key={panel.id} panel={panel}/>)}
    </div>
  </ThemeContext.Provider>,
);

import * as echarts from "echarts/core";
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { GridComponent, TooltipComponent, LegendComponent, AriaComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";
echarts.use([BarChart, LineChart, PieChart, GridComponent, TooltipComponent, LegendComponent, AriaComponent, SVGRenderer]);

const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const yuan = value => "¥" + Number(value).toLocaleString("zh-CN", { minimumFractionDigits: 2 });
const short = value => Math.abs(value) >= 1e4 ? value / 1e4 + (document.documentElement.lang.startsWith("zh") ? "万" : "0k") : value;

// How stacks of many are told apart without colour: full, slanted, upright, lying strokes, dots (web/frame/charts.py).
const MARKS = [null, { rotation: -Math.PI / 4 }, { rotation: Math.PI / 2 }, { rotation: 0 }, { symbol: "circle", dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [5, 0], symbolSize: .7 }];
const strokes = mark => mark ? { decal: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1.5, 5], color: css("--color-base-100"), ...MARKS[mark] } } : undefined;

// What a place draws: {labels: [...], series: [{name, kind: "bar"|"line", stack?, mark?, axis?: 0|1, values}]}.
const options = (chart, colours) => ({
  animationDuration: 350, aria: { enabled: true }, color: colours,
  // A named family: widths of texts are measured on a canvas, which knows no "inherit".
  textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: css("--color-base-content") },
  grid: { left: 8, right: 8, top: 44, bottom: 4, containLabel: true },
  legend: { top: 4, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: css("--color-base-content"), fontSize: 13 } },
  tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: chart.plain ? undefined : yuan },
  xAxis: { type: "category", data: chart.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: css("--color-base-300") } }, axisLabel: { color: css("--color-base-content"), hideOverlap: true } },
  yAxis: [0, 1].map(side => ({ type: "value", axisLabel: { color: css("--color-base-content"), formatter: short }, splitLine: { show: side === 0, lineStyle: { color: css("--color-base-300") } } })),
  series: chart.series.map(one => ({
    name: one.name, type: one.kind, stack: one.stack, yAxisIndex: one.axis || 0, data: one.values, barMaxWidth: 26,
    itemStyle: strokes(one.mark), smooth: false, symbolSize: 5, showSymbol: one.values.length <= 40, lineStyle: { width: 2.5 },
  })),
});

export function draw(place) {
  const chart = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  let board;
  const paint = () => {
    board?.dispose();
    place.replaceChildren();
    board = echarts.init(place, null, { renderer: "svg" });
    board.setOption(options(chart, [css("--color-primary"), css("--color-accent"), css("--color-secondary"), css("--chart-plum"), css("--color-base-content")]));
  };
  paint();
  new ResizeObserver(() => board.resize()).observe(place);
  addEventListener("themechange", paint);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
}

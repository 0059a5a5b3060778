// Charts: coverage over time, before and after, and a heat map. Tooltips are drawn, not HTML, for the strict CSP.
import { HeatmapChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import * as echarts from "echarts/core";
import type { EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { dataOf, token } from "./data";
import { each } from "./dom";
import { words } from "./strings";

echarts.use([LineChart, HeatmapChart, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, AriaComponent, CanvasRenderer]);

type Coverage = { labels: string[]; series: { name: string; values: (number | null)[] }[] };
type BeforeAfter = { labels: string[]; before: number[]; after: number[]; max?: number };
type Heat = { rows: string[]; columns: string[]; values: (number | null)[][] };

const ink = token("--ink");
const muted = token("--ink-muted");
const line = token("--line");
const lines = [token("--accent"), token("--due"), token("--unseen"), token("--ink-muted")];
const dashes: ("solid" | "dashed" | "dotted")[] = ["solid", "dashed", "dotted", "solid"];
const symbols = ["circle", "rect", "triangle", "diamond"];

const base: EChartsCoreOption = {
  animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  animationDuration: 300,
  textStyle: { fontFamily: token("--font"), color: ink, fontSize: 13 },
  tooltip: { renderMode: "richText", trigger: "axis", confine: true, textStyle: { color: ink, fontSize: 13 }, borderColor: line },
};
const quiet = { axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: muted } };
const grid = { left: 8, right: 16, bottom: 8, top: 16, containLabel: true };

function coverage(data: Coverage): EChartsCoreOption {
  return {
    ...base,
    grid: { ...grid, top: data.series.length > 1 ? 44 : 16 },
    legend: data.series.length > 1 ? { top: 0, left: 0, textStyle: { color: ink }, itemWidth: 28 } : undefined,
    tooltip: { ...(base.tooltip as object), valueFormatter: (value: unknown) => (value === null ? "–" : `${value}%`) },
    xAxis: { type: "category", data: data.labels, boundaryGap: false, ...quiet },
    yAxis: {
      type: "value",
      min: 0,
      max: 100,
      interval: 25,
      axisLabel: { color: muted, formatter: "{value}%" },
      splitLine: { lineStyle: { color: line } },
    },
    series: data.series.map((series, i) => ({
      name: series.name,
      type: "line",
      data: series.values,
      smooth: 0.2,
      symbol: symbols[i % symbols.length],
      symbolSize: 7,
      showSymbol: data.labels.length <= 16,
      lineStyle: { width: 2.5, type: dashes[i % dashes.length] },
      itemStyle: { color: lines[i % lines.length] },
      areaStyle: i === 0 ? { color: lines[0], opacity: 0.08 } : undefined,
      connectNulls: true,
    })),
  };
}

function beforeAfter(data: BeforeAfter): EChartsCoreOption {
  const labels = [...data.labels].reverse();
  const before = [...data.before].reverse();
  const after = [...data.after].reverse();
  return {
    ...base,
    tooltip: { show: false },
    grid: { ...grid, right: 28 },
    xAxis: { type: "value", min: 0, max: data.max ?? 5, axisLabel: { color: muted }, splitLine: { lineStyle: { color: line } } },
    yAxis: { type: "category", data: labels, ...quiet, axisLabel: { color: ink, fontSize: 14 } },
    series: labels.map((label, i) => ({
      type: "line",
      symbolSize: 15,
      lineStyle: { width: 3, color: after[i] >= before[i] ? lines[0] : token("--overdue") },
      data: [
        {
          value: [before[i], label],
          symbol: "emptyCircle",
          itemStyle: { color: muted },
          label: { show: true, position: after[i] >= before[i] ? "left" : "right", color: muted, formatter: String(before[i]) },
        },
        {
          value: [after[i], label],
          symbol: "circle",
          itemStyle: { color: after[i] >= before[i] ? lines[0] : token("--overdue") },
          label: { show: true, position: after[i] >= before[i] ? "right" : "left", color: ink, formatter: String(after[i]) },
        },
      ],
    })),
  };
}

function heat(data: Heat): EChartsCoreOption {
  const cells = data.values.flatMap((row, y) => row.map((value, x) => [x, y, value ?? "-"]));
  return {
    ...base,
    tooltip: {
      ...(base.tooltip as object),
      trigger: "item",
      formatter: (at: { value: [number, number, number | string] }) =>
        `${data.rows[at.value[1]]} · ${data.columns[at.value[0]]}  ${at.value[2]}%`,
    },
    grid: { ...grid, top: 4, bottom: 40 },
    xAxis: { type: "category", data: data.columns, ...quiet, splitArea: { show: false } },
    yAxis: { type: "category", data: data.rows, inverse: true, ...quiet, axisLabel: { color: ink } },
    visualMap: {
      min: 0,
      max: 100,
      orient: "horizontal",
      left: 0,
      bottom: 0,
      itemHeight: 120,
      text: ["100%", `${words.coverage} 0%`],
      textStyle: { color: muted },
      inRange: { color: ["#F3EFE8", "#C9E7E1", "#8CCBC1", "#3FA398"] },
    },
    series: [
      {
        type: "heatmap",
        data: cells,
        label: {
          show: true,
          formatter: (at: { value: [number, number, number | string] }) => String(at.value[2]),
          color: ink,
          fontSize: 12,
        },
        itemStyle: { borderColor: "#fff", borderWidth: 2, borderRadius: 4 },
      },
    ],
  };
}

each<HTMLElement>("[data-chart]", (ground) => {
  const data = dataOf<Coverage & BeforeAfter & Heat>(ground.dataset.chart!);
  if (!data) return;
  if (ground.dataset.kind === "heat") ground.style.height = `${data.rows.length * 34 + 84}px`;
  if (ground.dataset.kind === "before_after") ground.style.height = `${data.labels.length * 48 + 48}px`;
  const chart = echarts.init(ground, undefined, { renderer: "canvas" });
  const draw = ground.dataset.kind === "heat" ? heat : ground.dataset.kind === "before_after" ? beforeAfter : coverage;
  chart.setOption(draw(data));
  new ResizeObserver(() => chart.resize()).observe(ground);
});

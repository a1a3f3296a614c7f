import type { EChartsCoreOption } from 'echarts';
import { AppError, errorMessage } from '../domain/errors';
import type { Json } from '../domain/json';

export interface ChartData {
  dimensions: string[];
  source: Record<string, Json>[];
}

/**
 * Draws an ECharts option over rows as SVG, without a browser.
 * @param width, height in pixels
 * @throws AppError `input_invalid` when the option cannot be drawn, or would draw more than shapes and text
 */
export async function chartSvg(option: Record<string, unknown>, data: ChartData, height: number, width = 760): Promise<string> {
  // With the first chart: most workers never draw one, and it is a large library.
  const { init } = await import('echarts');
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    const complete: EChartsCoreOption = { ...option, animation: false, dataset: data };
    chart.setOption(complete);
    return checkedSvg(chart.renderToSVGString());
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('input_invalid', `the chart cannot be drawn: ${errorMessage(cause)}`, { cause });
  } finally {
    chart.dispose();
  }
}

const styleBlock = /<style ?><!\[CDATA\[[\s\S]*\]\]>\s*<\/style>/;
const mouseAttributes = / (?:class|ecmeta_\w+)="[^"]*"/g;
const shapeTag = /^<\/?(?:svg|g|defs|path|rect|circle|ellipse|line|polyline|polygon|text|tspan|clipPath|linearGradient|radialGradient|stop)(?:\s+(?!on|href|xlink:href|src)[A-Za-z][\w:-]*="[^"<>]*")*\s*\/?>$/;

/**
 * ECharts escapes texts but not all attributes, so a colour or a font could bring in a script or an outside address.
 * Only tags of shapes and text with harmless attributes pass; the style block serves only the mouse and is dropped.
 */
function checkedSvg(svg: string): string {
  const still = svg.replace(styleBlock, '');
  const strange = (still.match(/<[^>]*>?/g) ?? []).find((tag) => !shapeTag.test(tag) || /url\((?!#)/i.test(tag));
  if (strange !== undefined) throw new AppError('input_invalid', `the chart would hold ${strange.slice(0, 80)}, which is neither a shape nor text`);
  return still.replace(mouseAttributes, '');
}

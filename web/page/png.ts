/**
 * A chart as a PNG, drawn in this browser: title and legend are page text and would be missing from
 * the canvas, so they are drawn above it.
 *
 * @module
 */

import { canvasFont } from "./curves.ts";
import type { Palette } from "./theme.ts";

export interface Picture {
  readonly title: string;
  /** Under the title: the span of time shown. */
  readonly subtitle: string;
  /** Shown series with their colours. */
  readonly legend: readonly { readonly label: string; readonly colour: string }[];
  readonly chart: HTMLCanvasElement;
  /** Device pixels per CSS pixel of `chart`. */
  readonly scale: number;
  readonly palette: Palette;
}

const MARGIN_PX = 24;
const HEAD_PX = 104;

/** @throws {Error} when the browser cannot encode the picture (out of memory) */
export function drawPng(picture: Picture): Promise<Blob> {
  const { chart, scale, palette } = picture;
  const canvas = document.createElement("canvas");
  canvas.width = chart.width + 2 * MARGIN_PX * scale;
  canvas.height = chart.height + (HEAD_PX + MARGIN_PX) * scale;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("This browser has no 2D canvas");
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(chart, MARGIN_PX * scale, HEAD_PX * scale);
  context.scale(scale, scale);
  context.textBaseline = "alphabetic";
  context.fillStyle = palette.ink;
  context.font = canvasFont(20, 600);
  context.fillText(picture.title, MARGIN_PX, 42);
  context.fillStyle = palette.muted;
  context.font = canvasFont(13);
  context.fillText(picture.subtitle, MARGIN_PX, 64);
  drawLegend(context, picture);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error("The picture could not be encoded"));
      else resolve(blob);
    }, "image/png");
  });
}

function drawLegend(context: CanvasRenderingContext2D, { legend, palette }: Picture): void {
  let x = MARGIN_PX;
  context.font = canvasFont(13);
  for (const { label, colour } of legend) {
    context.fillStyle = colour;
    context.beginPath();
    context.roundRect(x, 86, 14, 4, 2);
    context.fill();
    context.fillStyle = palette.ink;
    context.fillText(label, x + 22, 92);
    x += 22 + context.measureText(label).width + 24;
  }
}

/** Hands a file to the reader without asking any server. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the blob once it started.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// Resizing by area: every pixel of the result is the mean of those that it covers, weighted by alpha, so that edges stay clean.

export interface Image {
  width: number;
  height: number;
  /** RGBA, one byte each. */
  data: Uint8Array;
}

export type Fit = "contain" | "cover" | "fill";

/** The size of the result. Without a wish it is the image's own; contain never makes an image larger than asked in either way. */
export function targetOf(image: Image, width: number | undefined, height: number | undefined, fit: Fit): { width: number; height: number } {
  if (width === undefined && height === undefined) {
    return { width: image.width, height: image.height };
  }
  if (fit === "contain" || width === undefined || height === undefined) {
    const scale = Math.min((width ?? Infinity) / image.width, (height ?? Infinity) / image.height);
    return { width: Math.max(1, Math.round(image.width * scale)), height: Math.max(1, Math.round(image.height * scale)) };
  }
  return { width, height };
}

export function resize(image: Image, target: { width: number; height: number }, fit: Fit): Image {
  if (target.width === image.width && target.height === image.height) {
    return image;
  }
  const { left, top, width, height } = fit === "cover" ? middleOf(image, target) : { left: 0, top: 0, ...image };
  const data = new Uint8Array(target.width * target.height * 4);
  const columns = spans(left, width, target.width, image.width);
  const rows = spans(top, height, target.height, image.height);
  const sum = new Float64Array(4);
  for (let y = 0; y < target.height; y++) {
    for (let x = 0; x < target.width; x++) {
      mean(image, columns[x], rows[y], sum);
      data.set(sum, (y * target.width + x) * 4);
    }
  }
  return { ...target, data };
}

interface Span {
  start: number;
  weights: number[];
}

/** The part of the image that has the target's shape. */
function middleOf(image: Image, target: { width: number; height: number }) {
  const scale = Math.max(target.width / image.width, target.height / image.height);
  const width = target.width / scale;
  const height = target.height / scale;
  return { left: (image.width - width) / 2, top: (image.height - height) / 2, width, height };
}

/** For each pixel of the result, the pixels below it along one side and how much of each. */
function spans(offset: number, length: number, count: number, limit: number): Span[] {
  return Array.from({ length: count }, (_, index) => {
    const from = offset + (index * length) / count;
    const to = Math.min(limit, offset + ((index + 1) * length) / count);
    const start = Math.min(limit - 1, Math.floor(from));
    const weights: number[] = [];
    for (let pixel = start; pixel < Math.max(start + 1, Math.ceil(to - 1e-9)); pixel++) {
      weights.push(Math.max(1e-9, Math.min(pixel + 1, to) - Math.max(pixel, from)));
    }
    return { start, weights };
  });
}

function mean(image: Image, column: Span, row: Span, sum: Float64Array): void {
  sum.fill(0);
  let total = 0;
  for (let j = 0; j < row.weights.length; j++) {
    for (let i = 0; i < column.weights.length; i++) {
      const weight = row.weights[j] * column.weights[i];
      const at = ((row.start + j) * image.width + column.start + i) * 4;
      const alpha = image.data[at + 3] * weight;
      sum[0] += image.data[at] * alpha;
      sum[1] += image.data[at + 1] * alpha;
      sum[2] += image.data[at + 2] * alpha;
      sum[3] += alpha;
      total += weight;
    }
  }
  for (let channel = 0; channel < 3; channel++) {
    sum[channel] = sum[3] > 0 ? Math.round(sum[channel] / sum[3]) : 0;
  }
  sum[3] = Math.round(sum[3] / total);
}

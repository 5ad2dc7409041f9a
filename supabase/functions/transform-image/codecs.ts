// PNG and JPEG, in and out. How large an image says it is decides before any of it is decoded.
import { Buffer } from "node:buffer";
import jpeg from "npm:jpeg-js@0.4.4";
import { PNG } from "npm:pngjs@7.0.0";
import { Refusal } from "../_shared/http.ts";
import type { Image } from "./resize.ts";

const mostPixels = 8_000_000;
const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export type Format = "png" | "jpeg";

export function decode(bytes: Uint8Array): { image: Image; format: Format } {
  const format = formatOf(bytes);
  const { width, height } = format === "png" ? pngSize(bytes) : jpegSize(bytes);
  if (width * height > mostPixels) {
    throw new Refusal(413, "image_too_large", `The image has more than ${mostPixels} pixels.`);
  }
  try {
    const image = format === "png"
      ? PNG.sync.read(Buffer.from(bytes))
      : jpeg.decode(bytes, { useTArray: true, maxMemoryUsageInMB: 128, maxResolutionInMP: mostPixels / 1_000_000 });
    return { image: { width: image.width, height: image.height, data: image.data }, format };
  } catch {
    throw unreadable();
  }
}

export function encode({ width, height, data }: Image, format: Format, quality: number): Uint8Array<ArrayBuffer> {
  if (format === "jpeg") {
    return new Uint8Array(jpeg.encode({ width, height, data }, quality).data);
  }
  const png = new PNG({ width, height });
  png.data = Buffer.from(data);
  return new Uint8Array(PNG.sync.write(png));
}

function formatOf(bytes: Uint8Array): Format {
  if (pngSignature.every((byte, index) => bytes[index] === byte)) {
    return "png";
  }
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    return "jpeg";
  }
  throw new Refusal(415, "image_type_unknown", "The file is neither a PNG nor a JPEG.");
}

function pngSize(bytes: Uint8Array): { width: number; height: number } {
  if (bytes.length < 24) {
    throw unreadable();
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Walks the segments to the start of the frame, which says the size. */
function jpegSize(bytes: Uint8Array): { width: number; height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let offset = 2;
  while (offset + 9 < bytes.length && bytes[offset] === 0xff) {
    const marker = bytes[offset + 1];
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { height: view.getUint16(offset + 5), width: view.getUint16(offset + 7) };
    }
    offset += marker === 0xff ? 1 : 2 + view.getUint16(offset + 2);
  }
  throw unreadable();
}

function unreadable(): Refusal {
  return new Refusal(422, "image_unreadable", "The image cannot be read.");
}

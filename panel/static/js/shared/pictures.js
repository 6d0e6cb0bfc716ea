// Makes a picture small enough before it is sent, for uploads and joined photos: upright and still legible.
// What the browser can't read (HEIC in most of them) is sent as it is: the server can do the same.

const STEPS = [
  [3508, 0.85], // A4 at 300 dpi
  [2480, 0.82],
  [2480, 0.7],
  [1754, 0.7],
  [1754, 0.55],
];

const PICTURES = ["image/jpeg", "image/png"];

export const isPicture = (file) => PICTURES.includes(file.type);

/** The picture as the eye sees it, or null where the browser can't read it. */
export async function opened(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null;
  }
}

/** Draw `bitmap` so that its longer side has at most `longest` pixels, turned clockwise by `turn` degrees. */
export function drawn(bitmap, longest, turn = 0) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = document.createElement("canvas");
  const isLying = turn % 180 !== 0;
  canvas.width = isLying ? height : width;
  canvas.height = isLying ? width : height;
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // a transparent ground would turn black
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((turn * Math.PI) / 180);
  context.drawImage(bitmap, -width / 2, -height / 2, width, height);
  return canvas;
}

const encoded = (canvas, quality) => new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));

/** A JPEG of the picture of at most `bytes`, or null where that can't be had here. */
export async function shrunk(bitmap, bytes) {
  for (const [longest, quality] of STEPS) {
    const blob = await encoded(drawn(bitmap, longest), quality);
    if (blob && blob.size <= bytes) return blob;
  }
  return null;
}

/** The name with the ending of what it now is. */
export const asJpeg = (name) => `${name.replace(/\.(jpe?g|png|hei[cf])$/i, "")}.jpg`;

import { useEffect, useRef, useState } from 'react';
import type { InlineImage } from '../../../src/model/message-shape.ts';
import { visibleText } from '../visible-text.ts';

const WIDTH_MAX = 560;
/** Larger ones are more than a message needs, and may be made to fill the memory. */
const BASE64_MAX = 12_000_000;

/**
 * An image that came inside a message, drawn when it is asked for. It is decoded into a canvas: the page's policy lets
 * nothing else that a span brought be loaded.
 */
export function Picture({ image, label }: { readonly image: InlineImage; readonly label: string }) {
  const [shown, setShown] = useState(false);
  if (!shown) {
    return (
      <button type="button" className="button small" onClick={() => setShown(true)}>
        Show the image
      </button>
    );
  }
  return <Drawn image={image} label={label} />;
}

function Drawn({ image, label }: { readonly image: InlineImage; readonly label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let current = true;
    decode(image).then(
      (bitmap) => {
        if (current && canvas.current !== null) draw(bitmap, canvas.current);
        bitmap.close();
      },
      (error: unknown) => {
        if (current) setProblem(error instanceof RangeError ? error.message : 'it is damaged');
      },
    );
    return () => {
      current = false;
    };
  }, [image]);
  if (problem !== undefined) return <p className="faint">The image cannot be shown: {problem}.</p>;
  return (
    <canvas ref={canvas} className="picture" role="img" aria-label={visibleText(label, 120)} />
  );
}

async function decode({ mime, base64 }: InlineImage): Promise<ImageBitmap> {
  if (base64.length > BASE64_MAX) throw new RangeError('it is larger than 9 MB');
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return await createImageBitmap(new Blob([bytes], { type: mime }));
}

function draw(bitmap: ImageBitmap, canvas: HTMLCanvasElement): void {
  const scale = Math.min(1, WIDTH_MAX / bitmap.width);
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}

// Looks at a GPU before its backend is loaded: is it there, and is it hardware? A software GPU
// (SwiftShader, llvmpipe) runs a CNN 50 to 200 times slower than WASM does.
// Knows of WebGPU and WebGL only the few fields it reads; no DOM types.

import { tensorText } from './tensor-text.ts';

/** What a look at a backend found; `detail` is a sentence for the screen. */
export interface Finding {
  kind: 'hardware' | 'software' | 'missing';
  detail: string;
}

interface AdapterLike {
  info?: {
    vendor?: string;
    architecture?: string;
    device?: string;
    description?: string;
    isFallbackAdapter?: boolean;
  };
  isFallbackAdapter?: boolean;
}

interface GpuLike {
  requestAdapter(options?: { powerPreference?: 'high-performance' }): Promise<AdapterLike | null>;
}

interface GlLike {
  RENDERER: number;
  getParameter(name: number): unknown;
  getExtension(name: string): { UNMASKED_RENDERER_WEBGL?: number; loseContext?: () => void } | null;
}

interface CanvasLike {
  getContext(kind: 'webgl2'): GlLike | null;
}

/** Names by which software renderers announce themselves in Chromium, Firefox and Mesa. */
const SOFTWARE_NAMES = /swiftshader|llvmpipe|softpipe|lavapipe|software|basic render/i;

/** @param gpu `navigator.gpu` or null */
export async function probeWebGpu(gpu: unknown): Promise<Finding> {
  if (!isGpu(gpu)) return { kind: 'missing', detail: tensorText.gpu.noWebGpu };
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) return { kind: 'missing', detail: tensorText.gpu.noAdapter };
  const info = adapter.info ?? {};
  const parts = [info.vendor, info.architecture, info.device, info.description];
  const name = parts.filter((part) => part !== undefined && part !== '').join(' ') || tensorText.gpu.unnamed;
  const fallback = info.isFallbackAdapter === true || adapter.isFallbackAdapter === true;
  return judge('WebGPU', name, fallback);
}

/** @param createCanvas makes a throw-away canvas, or null */
export function probeWebGl(createCanvas: (() => unknown) | null): Finding {
  if (createCanvas === null) return { kind: 'missing', detail: tensorText.gpu.noCanvas };
  const canvas = createCanvas();
  const gl = isCanvas(canvas) ? canvas.getContext('webgl2') : null;
  if (gl === null) return { kind: 'missing', detail: tensorText.gpu.noWebGl };
  const unmasked = gl.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL;
  const renderer = String(gl.getParameter(unmasked ?? gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext?.(); // contexts are few: give this one back
  return judge('WebGL', renderer, false);
}

function judge(api: string, name: string, fallback: boolean): Finding {
  if (fallback || SOFTWARE_NAMES.test(name)) {
    return { kind: 'software', detail: tensorText.gpu.software(api, name) };
  }
  return { kind: 'hardware', detail: tensorText.gpu.hardware(api, name) };
}

function isGpu(value: unknown): value is GpuLike {
  return typeof value === 'object' && value !== null && 'requestAdapter' in value;
}

function isCanvas(value: unknown): value is CanvasLike {
  return typeof value === 'object' && value !== null && 'getContext' in value;
}

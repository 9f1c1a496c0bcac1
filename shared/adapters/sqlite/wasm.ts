/** Memory of WebAssembly, which grows by pages. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): void;
}

/** Part of WebAssembly that is used here. The types of Node leave it out. */
interface Wasm {
  Memory: new (size: { initial: number }) => WasmMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: { [module: string]: { memory: WasmMemory } },
  ) => { exports: object };
}

const wasm = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;

export const pageBytes = 65_536;

export const createWasmMemory = (bytes: number): WasmMemory =>
  new wasm.Memory({ initial: Math.ceil(bytes / pageBytes) });

/**
 * Compiles a module, once, and returns a function that makes an instance of it.
 * @param binary the module in base64
 * @param imported name under which the module imports its memory
 */
export const wasmModule = <Exports extends object>(
  binary: string,
  imported: string,
): ((memory: WasmMemory) => Exports) => {
  let compiled: object | undefined;
  return (memory) => {
    compiled ??= new wasm.Module(Buffer.from(binary, 'base64'));
    return new wasm.Instance(compiled, { [imported]: { memory } }).exports as Exports;
  };
};

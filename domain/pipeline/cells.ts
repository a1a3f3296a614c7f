/** The cell of a typed array; 0 outside of it. */
export const at = (cells: Uint8Array | Uint32Array | Int32Array, index: number): number => cells[index] ?? 0;

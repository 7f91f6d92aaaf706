// What a drawing function is given. Types only.

export interface Surface {
  context: CanvasRenderingContext2D;
  /** CSS pixels. */
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  ratio: number;
  /** The value of a colour token as the theme has it now. */
  colour(token: string): string;
}

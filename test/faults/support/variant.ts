/** A devk with one deliberate mistake, which a row of the campaign must notice. */
export interface Variant {
  /** What is wrong with it. */
  readonly mistake: string
  /** File below `src`. */
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly from: string
  readonly to: string
  /** The row that notices it. */
  readonly row: string
}

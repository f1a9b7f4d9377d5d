import pc from 'picocolors'

/** The few colours devk uses: one accent, and green, yellow and red for state only. */
export type Colors = Pick<
  ReturnType<typeof pc.createColors>,
  'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan' | 'blue' | 'magenta'
>

/** Colour functions; with `enabled` false each gives its text back unchanged. */
export function colors(enabled: boolean): Colors {
  return pc.createColors(enabled)
}

import pc from 'picocolors'

/** The colors that devk uses. Green, yellow and red are for state only. */
export type Colors = Pick<
  ReturnType<typeof pc.createColors>,
  'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan' | 'blue' | 'magenta'
>

/** Color functions; unless `enabled`, each returns its text unchanged. */
export function colors(enabled: boolean): Colors {
  return pc.createColors(enabled)
}

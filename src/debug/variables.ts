import type { Container } from '../manifests/workload.ts'

/** What is put before the value that a variable of a container has. */
export interface Prepended {
  readonly variable: string
  readonly value: string
  /** Stands between the two. */
  readonly between: string
  /** What the image sets, for a variable that the container does not set. */
  readonly ofImage?: string | undefined
}

/** Puts a value before that of a variable, whatever it comes from. Changes the container. */
export function prependVariable(container: Container, { variable, value, between, ofImage }: Prepended): void {
  const { env = [] } = container
  const own = env.find(({ name }) => name === variable)
  const others = env.filter(({ name }) => name !== variable)
  // The kubelet fills in variables that stand before.
  const name = `DEVK_${variable}`
  const moved = own?.valueFrom === undefined ? [] : [{ name, valueFrom: own.valueFrom }]
  const rest = moved.length > 0 ? `$(${name})` : (own?.value ?? ofImage?.replaceAll('$', '$$$$'))
  container.env = [...others, ...moved, { name: variable, value: rest ? `${value}${between}${rest}` : value }]
}
